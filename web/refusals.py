"""Why a form was refused, as the desk says it: what happened, and what to do now."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from engine.errors import EngineError
from web.admin_refusals import ADMINISTRATION
from web.book_refusals import BOOKS
from web.correction_refusals import CORRECTIONS, told_by
from web.error_texts import ErrorTexts, texts_for
from web.history_refusals import HISTORY
from web.letter_refusals import LETTERS
from web.message_refusals import MESSAGES
from web.paper_refusals import PAPERS
from web.period_refusals import PERIODS
from web.plan_refusals import PLANS
from web.return_refusals import RETURNS
from web.signing_refusals import SIGNING

WORDINGS: dict[str, ErrorTexts] = {
    **ADMINISTRATION,
    **BOOKS,
    **CORRECTIONS,
    **HISTORY,
    **LETTERS,
    **PAPERS,
    **PERIODS,
    **PLANS,
    **RETURNS,
    **SIGNING,
    **MESSAGES,
    "invalid-identity-number": ErrorTexts(
        _("Số định danh không hợp lệ."), _("Kiểm tra lại: 12 chữ số trên căn cước (hoặc 9 số của CMND cũ).")
    ),
    "applicant-missing": ErrorTexts(_("Chưa có họ tên người nộp hoặc chủ hồ sơ."), _("Nhập họ tên rồi gửi lại.")),
    "procedure-not-found": ErrorTexts(_("Không có thủ tục này."), _("Tìm lại theo mã hoặc tên thủ tục.")),
    "procedure-closed": ErrorTexts(_("Thủ tục này đã ngừng nhận hồ sơ mới."), _("Chọn thủ tục đang tiếp nhận.")),
    "date-in-future": ErrorTexts(
        _("Thời điểm nhận không được ở tương lai và không quá 30 ngày trước."), _("Sửa lại thời điểm nhận.")
    ),
    "agency-unclear": ErrorTexts(
        _("Bạn tiếp nhận cho nhiều cơ quan nên chưa rõ cơ quan tiếp nhận."), _("Chọn cơ quan tiếp nhận.")
    ),
    "calendar-gap": ErrorTexts(
        _("Lịch làm việc chưa có đến ngày hẹn trả nên không tính được hạn."),
        _("Báo quản trị viên nhập lịch năm sau; hồ sơ chưa được ghi."),
    ),
    "supplement-used-up": ErrorTexts(
        _("Đã hết số lần được yêu cầu bổ sung đối với hồ sơ này."), _("Xem xét giải quyết hoặc từ chối, nêu rõ lý do.")
    ),
    "supplement-empty": ErrorTexts(
        _("Phiếu yêu cầu bổ sung phải nêu đủ giấy tờ và lý do, một lần."), _("Ghi mỗi giấy tờ một dòng và lý do.")
    ),
    "not-waiting": ErrorTexts(_("Hồ sơ không còn chờ việc này."), _("Xem diễn biến mới nhất bên dưới.")),
    "already-decided": ErrorTexts(
        _("Hồ sơ đã có kết quả nên không dừng, rút hay từ chối được nữa."), _("Trả kết quả cho người dân.")
    ),
    "not-finished": ErrorTexts(
        _("Chưa trả được kết quả: còn bước chưa hoàn thành."), _("Hoàn thành bước đang mở trước.")
    ),
    "ground-missing": ErrorTexts(_("Phải nêu lý do hoặc căn cứ."), _("Ghi lý do bằng lời rồi gửi lại.")),
    "not-at-reception": ErrorTexts(_("Hồ sơ đã qua khâu tiếp nhận."), _("Xem trạng thái mới nhất bên dưới.")),
    "nothing-to-transfer": ErrorTexts(_("Không có bước xử lý nào đang mở để chuyển."), _("Xem trạng thái hiện tại.")),
    "unit-not-found": ErrorTexts(_("Không có đơn vị này."), _("Chọn đơn vị nhận trong danh sách.")),
    "file-not-allowed": ErrorTexts(
        _("Không nhận tệp này: tệp rỗng, quá 20 MB, sai loại, hoặc nội dung khác với đuôi tệp."),
        _("Chọn tệp PDF, ảnh JPG, PNG, TIFF hoặc DOCX quét lại từ bản giấy."),
    ),
    "urged-today": ErrorTexts(
        _("Việc này đã được nhắc hôm nay."), _("Mai hãy nhắc lại, hoặc phân công cho người khác.")
    ),
    "nobody-to-urge": ErrorTexts(
        _("Chưa ai nhận việc này nên không nhắc được ai."), _("Phân công cho một người trước.")
    ),
    "nobody-to-raise-to": ErrorTexts(
        _("Cơ quan giải quyết chưa có người duyệt, ký để báo cáo."),
        _("Đề nghị người quản trị cấp vai trò, hoặc chọn lại."),
    ),
    "raise-reason-missing": ErrorTexts(_("Phải nêu lý do khi báo cáo lên."), _("Ghi lý do rồi gửi lại.")),
    "dossier-not-late": ErrorTexts(
        _("Hồ sơ không trễ hạn nên không có nguyên nhân trễ để ghi."), _("Xem lại thời hạn của hồ sơ.")
    ),
    "late-cause-in-letter": ErrorTexts(
        _("Thư xin lỗi của hồ sơ đã nêu nguyên nhân."), _("Sửa nguyên nhân trong thư nếu thư chưa được duyệt.")
    ),
    "paper-replaced": ErrorTexts(
        _("Giấy tờ này đã có bản mới hơn."), _("Chọn bản mới nhất trong danh sách rồi gửi lại.")
    ),
    "dossier-ended": ErrorTexts(_("Hồ sơ đã kết thúc nên không thêm được nữa."), _("Không cần làm gì.")),
    "extension-used": ErrorTexts(
        _("Hồ sơ đã được hẹn lại một lần; không hẹn lại lần thứ hai."), _("Giải quyết sớm nhất có thể.")
    ),
    "letter-state": ErrorTexts(
        _("Thư không còn ở bước này: đã được duyệt, gửi hoặc rút."), _("Xem trạng thái mới nhất của thư.")
    ),
    "letter-incomplete": ErrorTexts(
        _("Thư còn thiếu lý do hoặc ngày hẹn mới."), _("Điền đủ nguyên nhân, lý do và ngày hẹn trả mới.")
    ),
    "new-date-invalid": ErrorTexts(
        _("Ngày hẹn mới phải trong giờ làm việc, sau ngày hẹn cũ và sau bây giờ."), _("Chọn ngày giờ khác.")
    ),
    "invalid-outcome": ErrorTexts(_("Chưa chọn kết quả của bước."), _("Chọn một trong các kết quả của bước.")),
    "invalid-fields": ErrorTexts(
        _("Có thông tin chưa điền hoặc điền chưa đúng."), _("Sửa ô được đánh dấu rồi gửi lại.")
    ),
    "invalid-message": ErrorTexts(_("Chưa chọn trả lời đã nhận."), _("Chọn trong danh sách rồi gửi lại.")),
    "process-stuck": ErrorTexts(
        _("Quy trình không đi tiếp được với nội dung này, thao tác chưa được ghi."),
        _("Báo quản trị viên sửa quy trình của thủ tục."),
    ),
    "decision-failed": ErrorTexts(
        _("Chưa tính được thời hạn, phí hoặc giấy tờ với các thông tin đã điền."),
        _("Kiểm tra lại thông tin của hồ sơ; nếu đã đúng, báo quản trị viên."),
    ),
    "task-gone": ErrorTexts(_("Việc này đã có người làm xong."), _("Xem diễn biến mới nhất bên dưới.")),
    "acted-since": ErrorTexts(
        _("Đã có người làm tiếp hồ sơ này nên không thu hồi được nữa."),
        _("Xem diễn biến mới nhất; người đang giữ bước có thể trả lại bước trước."),
    ),
    "step-not-reversible": ErrorTexts(
        _("Bước này không thu hồi được: đã thu hồi rồi, hoặc đã có hệ quả không đảo ngược được."),
        _("Xem diễn biến của hồ sơ; nếu cần, đề nghị người đang giữ bước trả lại bước trước."),
    ),
    "mixed-steps": ErrorTexts(
        _("Các hồ sơ đã chọn không ở cùng một bước."), _("Chọn những hồ sơ ở cùng một bước rồi làm lại.")
    ),
    "task-batch-not-found": ErrorTexts(
        _("Không có lần xử lý hàng loạt này, hoặc do người khác làm."), _("Mở lại từ hộp việc.")
    ),
    "task-batch-not-undoable": ErrorTexts(
        _("Lần xử lý này không hoàn tác được nữa: đã quá 10 phút, chưa làm xong hoặc đã hoàn tác."),
        _("Xem kết quả của từng hồ sơ; thu hồi từng bước trên trang hồ sơ nếu còn được."),
    ),
    "nothing-to-retry": ErrorTexts(_("Không có hồ sơ nào phải thử lại."), _("Xem kết quả của từng hồ sơ.")),
    "no-step-before": ErrorTexts(
        _("Không trả lại được bước trước từ bước này."),
        _("Yêu cầu bổ sung, chuyển đơn vị xử lý hoặc báo người giám sát."),
    ),
    "task-not-yours": ErrorTexts(
        _("Việc này thuộc đơn vị hoặc vai trò khác."), _("Chờ đơn vị đó xử lý, hoặc đề nghị người giám sát.")
    ),
    "dossier-waits": ErrorTexts(
        _("Hồ sơ đang chờ người dân bổ sung hoặc nộp tiền."), _("Ghi nhận việc đó trước khi làm bước tiếp theo.")
    ),
    "receiver-needed": ErrorTexts(
        _("Bước này là trả kết quả nên phải ghi người nhận."), _("Mở hồ sơ và ghi người nhận kết quả.")
    ),
    "invalid-transition": ErrorTexts(
        _("Trạng thái hiện tại của hồ sơ không cho phép việc này."), _("Xem trạng thái mới nhất bên dưới.")
    ),
    "version-mismatch": ErrorTexts(
        _("Hồ sơ vừa thay đổi sau khi bạn mở trang; thao tác của bạn chưa được ghi."),
        _("Trang đã hiện trạng thái mới nhất, nội dung bạn nhập vẫn còn. Xem lại rồi gửi."),
    ),
    "idempotency-key-reused": ErrorTexts(
        _("Biểu mẫu này đã được gửi một lần với nội dung khác."), _("Xem lại kết quả lần gửi trước rồi nhập lại.")
    ),
    "version-move-running": ErrorTexts(
        _("Một lần chuyển phiên bản khác của thủ tục này chưa xong."),
        _("Xem bảng những lần chuyển, chờ lần đó xong rồi gửi lại."),
    ),
    "version-move-not-undoable": ErrorTexts(
        _("Lần chuyển này chưa xong hoặc đã được hoàn tác."), _("Xem trạng thái mới nhất của lần chuyển.")
    ),
    "procedure-version-not-in-force": ErrorTexts(
        _("Phiên bản này chưa đến ngày áp dụng."), _("Chuyển hồ sơ từ ngày phiên bản có hiệu lực.")
    ),
    "version-mapping-invalid": ErrorTexts(
        _("Có bước được chọn không có trong phiên bản."), _("Xem trước lại rồi chọn bước trong danh sách.")
    ),
    "procedure-retired": ErrorTexts(_("Thủ tục này đã bãi bỏ nên không nhận hồ sơ mới."), _("Chọn thủ tục thay thế.")),
    "draft-changed": ErrorTexts(
        _("Bản thảo đã được người khác lưu sau khi bạn mở trang; thay đổi của bạn chưa được lưu."),
        _("Trang đã hiện bản mới nhất, nội dung bạn nhập vẫn còn. Xem lại rồi lưu."),
    ),
    "draft-has-errors": ErrorTexts(
        _("Bản thảo còn lỗi nên chưa chạy thử và ban hành được."), _("Sửa các lỗi được nêu.")
    ),
    "scenario-failed": ErrorTexts(
        _("Chạy thử không cho kết quả mong đợi, chưa ban hành gì."),
        _("Xem chỗ khác nhau, sửa quy trình hoặc kịch bản."),
    ),
    "nothing-to-draft": ErrorTexts(
        _("Chưa tạo được bản thảo nào từ tệp này."), _("Sửa các chỗ được nêu trong tệp rồi gửi lại.")
    ),
    "unknown-file-kind": ErrorTexts(
        _("Không đọc được loại tệp này."), _("Chọn tệp bảng tính (.xlsx, .csv), sơ đồ BPMN (.bpmn) hoặc JSON.")
    ),
    "invalid-draft": ErrorTexts(_("Có ô chưa dùng được nên chưa lưu."), _("Sửa ô được nêu rồi gửi lại.")),
    "invalid-policy": ErrorTexts(
        _("Giờ nhận, bổ sung, giấy tờ hoặc lần hẹn chưa đúng nên chưa lưu."), _("Sửa ô được nêu rồi gửi lại.")
    ),
    "invalid-form": ErrorTexts(
        _("Biểu mẫu chưa đúng nên chưa lưu."),
        _("Tên ô: chữ thường không dấu, số và gạch dưới, không trùng. Ô chọn một phải có các lựa chọn."),
    ),
    "invalid-scenario": ErrorTexts(
        _("Kịch bản chưa đúng nên chưa chạy."), _("Ghi tên, lúc tiếp nhận và đủ ô của từng việc; mỗi kịch bản một tên.")
    ),
    "invalid-limit": ErrorTexts(_("Thời hạn chưa đúng."), _("Ghi một số và đơn vị, ví dụ 2 ngày làm việc.")),
    "step-not-open": ErrorTexts(_("Bước này chưa mở hoặc đã xong vào lúc đó."), _("Xem các bước đang mở rồi sửa.")),
    "rehearsal-too-long": ErrorTexts(_("Kịch bản kéo dài quá lâu."), _("Chờ đến một ngày gần hơn.")),
    "version-already-in-force": ErrorTexts(
        _("Nội dung này đang có hiệu lực nên không lùi ngày được."), _("Sửa bản thảo, hoặc giữ nguyên.")
    ),
    "invalid-effective-date": ErrorTexts(_("Ngày có hiệu lực quá xa."), _("Chọn ngày trong vòng năm năm.")),
    "invalid-successor": ErrorTexts(
        _("Thủ tục thay thế phải là một thủ tục khác còn nhận hồ sơ của cơ quan này."), _("Kiểm tra lại mã.")
    ),
    "procedure-in-use": ErrorTexts(_("Thủ tục đã có hồ sơ nên không xóa được."), _("Bãi bỏ để không nhận hồ sơ mới.")),
    "version-not-scheduled": ErrorTexts(
        _("Phiên bản này không chờ ngày có hiệu lực."), _("Xem lại danh sách phiên bản.")
    ),
    "paper-not-reusable": ErrorTexts(
        _("Giấy tờ đã có không dùng lại được: của người khác, đã trả lại, hoặc là giấy tờ khác."),
        _("Bỏ chọn giấy tờ đó rồi nhận bản mới."),
    ),
    "invalid-form-draft": ErrorTexts(
        _("Không lưu được bản nháp: nội dung quá dài hoặc có quá nhiều bản nháp."),
        _("Gửi đơn này, hoặc bỏ bớt bản nháp ở quầy tiếp nhận."),
    ),
    "form-sent": ErrorTexts(_("Đơn này đã được gửi."), _("Không cần làm gì.")),
    "form-draft-elsewhere": ErrorTexts(
        _("Đơn này cũng đang được nhập ở một thẻ khác."), _("Chọn giữ bản này hoặc lấy bản kia.")
    ),
    "invalid-absence": ErrorTexts(
        _("Thời gian vắng hoặc người làm thay chưa đúng."),
        _("Thời gian kết thúc phải sau lúc bắt đầu và sau bây giờ, dài nhất một năm; người làm thay là người khác."),
    ),
    "absence-overlap": ErrorTexts(_("Người này đã được ghi vắng mặt trong thời gian đó."), _("Chọn thời gian khác.")),
    "absence-of-cover": ErrorTexts(
        _("Người này đang nhận làm thay người khác trong thời gian đó."),
        _("Kết thúc lần vắng mặt kia trước và ghi lại với người làm thay khác."),
    ),
    "cover-unavailable": ErrorTexts(
        _("Người làm thay cũng vắng trong thời gian đó, hoặc không còn làm việc ở cơ quan này."),
        _("Chọn người khác."),
    ),
    "absence-over": ErrorTexts(_("Lần vắng mặt này đã kết thúc."), _("Không cần làm gì.")),
    "absence-not-found": ErrorTexts(_("Không có lần vắng mặt này."), _("Xem lại danh sách.")),
    "officer-not-found": ErrorTexts(_("Không có người này."), _("Chọn trong danh sách.")),
    "invalid-opinion": ErrorTexts(
        _("Câu hỏi hoặc ý kiến chưa đủ."),
        _("Chọn đơn vị (mỗi đơn vị một lần), ghi nội dung; thời hạn từ 1 đến 60 ngày làm việc."),
    ),
    "opinion-closed": ErrorTexts(
        _("Câu hỏi này không còn chờ trả lời: đã có người trả lời, đã thôi hỏi, hoặc hồ sơ đã có kết quả."),
        _("Xem thẻ Trao đổi."),
    ),
    "opinion-not-found": ErrorTexts(_("Không có câu hỏi này."), _("Xem thẻ Trao đổi.")),
    "invalid-note": ErrorTexts(_("Ghi chú trống hoặc quá dài."), _("Ghi từ 1 đến 4000 ký tự.")),
    "refusal-suggested": ErrorTexts(
        _("Đã có người đề xuất từ chối hồ sơ này."), _("Chờ người có thẩm quyền quyết định; xem thẻ Trao đổi.")
    ),
    "no-refusal-suggested": ErrorTexts(
        _("Không còn đề xuất từ chối nào chờ quyết định."), _("Xem thẻ Trao đổi để biết ai đã quyết định.")
    ),
    "field-unreadable": ErrorTexts(_("Có ô nhập chưa đúng."), _("Sửa ô được nêu rồi gửi lại.")),
    "invalid-view": ErrorTexts(
        _("Chưa lưu được cách xem: tên trống, quá dài, hoặc cột không hợp lệ."),
        _("Đặt tên ngắn, chọn ít nhất một cột; mỗi người lưu tối đa 30 cách xem."),
    ),
    "view-name-taken": ErrorTexts(_("Bạn đã có một cách xem cùng tên."), _("Đặt tên khác.")),
    "view-not-found": ErrorTexts(
        _("Không có cách xem này; có thể đã xóa ở cửa sổ khác."), _("Mở lại Hộp việc và chọn cách xem khác.")
    ),
    "form-unknown": ErrorTexts(_("Không có mẫu giấy tờ này."), _("Báo quản trị viên kiểm tra bộ mẫu của hồ sơ.")),
    "frozen-values-unreadable": ErrorTexts(
        _("Không đọc được dữ liệu đã lưu của giấy tờ này nên không in lại được."),
        _("Báo quản trị viên kèm số giấy tờ; không cấp số mới thay cho nó."),
    ),
}


def wording_of(error: EngineError, status: int) -> ErrorTexts:
    """Return what a screen says about an error."""
    return told_by(error) or wording_for(error.code, status)


def wording_for(code: str, status: int) -> ErrorTexts:
    """Return what a screen says about an error with this code."""
    return WORDINGS.get(code) or texts_for(code, status)
