"""Every blueprint of the site; a new one is added here and nowhere else."""

from __future__ import annotations

from flask import Blueprint
from flask_smorest import Blueprint as ApiBlueprint

from web.api import calendars, dossiers, health, letters, lists, procedures, tasks
from web.api import corrections as correction_api
from web.api import drafts as draft_api
from web.api import papers as paper_api
from web.api import plans as plan_api
from web.api import process_maps as process_map_api
from web.api import report_periods as report_period_api
from web.api import report_tables as report_table_api
from web.api import result_returns as result_return_api
from web.api import supervision as supervision_api
from web.api import talk as talk_api
from web.api import time_reports as time_report_api
from web.api import version_moves as version_move_api
from web.pages import (
    absences,
    administration,
    administration_agencies,
    apologies,
    batches,
    books,
    calendar,
    clock,
    corrections,
    counter,
    dossier,
    dossier_prints,
    draft_parts,
    drafts,
    form_drafts,
    form_templates,
    hall_board,
    history,
    home,
    inbox,
    inbox_places,
    index_766,
    issued_papers,
    letter_batches,
    letter_settings,
    messages,
    overdue,
    plans,
    procedure_register,
    process_maps,
    report_data,
    report_lists,
    report_periods,
    report_tables,
    reports,
    reserved_numbers,
    returns,
    session,
    signature_checks,
    signing_keys,
    supervisor,
    talk,
    time_reports,
    tracking,
    workbench,
)
from web.pages import procedures as procedure_pages
from web.pages import version_moves as version_move_pages

PAGES: tuple[Blueprint, ...] = (
    health.blueprint,
    session.blueprint,
    home.blueprint,
    counter.blueprint,
    inbox.blueprint,
    inbox_places.blueprint,
    index_766.blueprint,
    plans.blueprint,
    procedure_register.blueprint,
    batches.blueprint,
    dossier.blueprint,
    dossier_prints.blueprint,
    issued_papers.blueprint,
    corrections.blueprint,
    reserved_numbers.blueprint,
    books.blueprint,
    returns.blueprint,
    hall_board.blueprint,
    talk.blueprint,
    absences.blueprint,
    administration.blueprint,
    history.blueprint,
    administration_agencies.blueprint,
    form_templates.blueprint,
    overdue.blueprint,
    supervisor.blueprint,
    apologies.blueprint,
    letter_batches.blueprint,
    letter_settings.blueprint,
    signing_keys.blueprint,
    signature_checks.blueprint,
    messages.blueprint,
    reports.blueprint,
    report_periods.blueprint,
    report_lists.blueprint,
    report_data.blueprint,
    report_tables.blueprint,
    process_maps.blueprint,
    time_reports.blueprint,
    calendar.blueprint,
    clock.blueprint,
    procedure_pages.blueprint,
    workbench.blueprint,
    drafts.blueprint,
    form_drafts.blueprint,
    draft_parts.blueprint,
    version_move_pages.blueprint,
    tracking.blueprint,
)
API: tuple[ApiBlueprint, ...] = (
    dossiers.blueprint,
    result_return_api.blueprint,
    lists.blueprint,
    correction_api.blueprint,
    tasks.blueprint,
    letters.blueprint,
    procedures.blueprint,
    draft_api.blueprint,
    paper_api.blueprint,
    plan_api.blueprint,
    calendars.blueprint,
    supervision_api.blueprint,
    report_table_api.blueprint,
    report_period_api.blueprint,
    talk_api.blueprint,
    time_report_api.blueprint,
    version_move_api.blueprint,
    process_map_api.blueprint,
)
