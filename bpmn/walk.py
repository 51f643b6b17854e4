"""The walk over the states of a process: the same token game as in production, every choice taken in turn.

A state is where tokens stand, not their numbers and not their data; of the data only the outcome of the task that was
just completed counts, and what was assumed of a condition that cannot change. Nothing is run but the game. The walk
is bounded, and says so where it stopped (decision 0020).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from bpmn.armed import Armed, armed
from bpmn.errors import NoFlowError, StepBudgetError, UncaughtErrorEventError
from bpmn.interpreter import Game
from bpmn.net import Kind, Net
from bpmn.process_steps import Said
from bpmn.tokens import Token
from bpmn.walks.branches import Branches, branches_of, plain_tasks
from bpmn.walks.choices import Choices, FreeJudge, Truths
from bpmn.walks.conditions import lasting_conditions
from bpmn.walks.marks import Bookkeeper, Marks, Sighting
from bpmn.walks.shapes import Shapes, shapes_of, tokens_of
from bpmn.walks.sights import SeeingGame, stuck, surroundings, told_beside, within

MAX_STATES = 5_000
MAX_MOVES = 25_000
MAX_WORK = 100_000  # tokens and nodes that they passed, in all moves together
MAX_ENDINGS = 200


@dataclass(frozen=True, slots=True)
class Position:
    """A state of the walk."""

    shapes: Shapes
    marks: Marks
    truths: Truths


@dataclass(frozen=True, slots=True)
class Move:
    """What was done: a task completed with an outcome, or a message sent to an event.

    `at` is the place of the token in the order of the state it was done in; `assumed` are the conditions that were
    asked on the way, with the answers; `then` are tasks that were completed in the same move.
    """

    kind: str
    node: str
    said: str
    at: int
    assumed: tuple[tuple[str, bool | int], ...] = ()
    then: tuple[str, ...] = ()


_Came: TypeAlias = tuple[Position | None, Move]


@dataclass(slots=True)
class Walk:
    """What the walk has found: sightings in the order they were made, nodes that were reached or passed, and the ends.

    `firsts` are the moves that passed a node for the first time.
    """

    sightings: dict[Sighting, None] = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)
    came: dict[Position, _Came] = field(default_factory=dict)
    endings: list[_Came] = field(default_factory=list)
    firsts: list[_Came] = field(default_factory=list)
    passed: set[str] = field(default_factory=set)
    moves: int = 0
    work: int = 0
    is_bounded: bool = False

    def way(self, ending: _Came) -> tuple[Move, ...]:
        """Return the moves that lead to one of `endings` or `firsts`, the start first."""
        moves = [ending[1]]
        at = ending[0]
        while at is not None:
            at, move = self.came[at]
            moves.append(move)
        return tuple(reversed(moves))


def walk(
    net: Net,
    steps: Mapping[str, Said],
    *,
    begin: Position | None = None,
    states: int = MAX_STATES,
    moves: int = MAX_MOVES,
    work: int = MAX_WORK,
) -> Walk:
    """Return what can happen in a process, whatever its data; bounded by the number of states, of moves and of work.

    Args:
        begin: where it stands; None: at its start.
    """
    walker = _Walker(net, steps, states, moves, work)
    return walker.run() if begin is None else walker.run_from(begin)


class _Walker:
    """Takes every move from every state, nearest states first."""

    def __init__(self, net: Net, steps: Mapping[str, Said], states: int, moves: int, work: int) -> None:
        self._net = net
        self._steps = steps
        self._limits = states, moves, work
        self._books = Bookkeeper(net, steps)
        self._branches: Branches = branches_of(net, steps)
        self._lasting = lasting_conditions(net, steps)
        self._plain = plain_tasks(net, steps)
        self._found = Walk()
        self._waiting: deque[Position] = deque()
        self._once: set[object] = set()

    def run(self) -> Walk:
        """Walk from the start."""
        self._take(None, Position((), Marks(), frozenset()), self._first())
        return self._on()

    def run_from(self, position: Position) -> Walk:
        """Walk from where a process stands."""
        self._reach(position, (None, self._first()))
        return self._on()

    def _first(self) -> Move:
        return Move("start", self._net.scopes[self._net.top].start, "", 0)

    def _on(self) -> Walk:
        """Walk until nothing is new or the bound is hit."""
        while self._waiting:
            if len(self._found.came) > self._limits[0] or self._is_tired():
                self._found.is_bounded = True
                break
            self._expand(self._waiting.popleft())
        return self._found

    def _is_tired(self) -> bool:
        return self._found.moves > self._limits[1] or self._found.work > self._limits[2]

    def _expand(self, position: Position) -> None:
        root, _ = tokens_of(position.shapes)
        order = list(root.walk())
        beside = [token for token in order if within(token, self._branches.apart_places)]
        for token in beside or order:
            node = self._net.nodes.get(token.place)
            if node is not None and node.kind is Kind.USER and not token.is_multi:
                for outcome in node.outcomes or ("",):
                    self._take(position, position, Move("complete", node.id, outcome, token.number))
        for event in armed(self._net, root):
            if (not beside or event.token in beside) and self._may_happen(position, root, event):
                self._take(position, position, Move("send", event.event.id, event.message, event.token.number))

    def _may_happen(self, position: Position, root: Token, armed_event: Armed) -> bool:
        """Tell whether an event is worth trying here: each branch beside the flow is open at most once at a time."""
        event, token = armed_event.event, armed_event.token
        if event.kind not in (Kind.BOUNDARY, Kind.START):
            return True
        scope = token if event.kind is Kind.START else token.parent
        if event.interrupting:
            # What was inside does not matter, so it is enough to do it once with the same tokens around.
            return self._is_new((event.id, position.marks, position.truths, surroundings(self._net, root, token)))
        if event.id in self._branches.apart:
            return self._is_new(event.id)
        open_places = {inner.place for inner in (scope.inner if scope is not None else ())}
        return not open_places & self._branches.places.get(event.id, frozenset())

    def _is_new(self, key: object) -> bool:
        if key in self._once:
            return False
        self._once.add(key)
        return True

    def _take(self, origin: Position | None, position: Position, move: Move) -> None:
        """Make a move, once for every combination of choices on the way."""
        choices = Choices()
        while True:
            choices.rewind()
            self._found.moves += 1
            judge = FreeJudge(choices, self._lasting, position.truths)
            root, following = tokens_of(position.shapes)
            game = SeeingGame(self._net, root, following, judge)
            try:
                then = self._play(game, move)
            except NoFlowError:
                pass  # a gateway without default, which the rules on gateways name
            except UncaughtErrorEventError:
                self._see(Sighting("error-uncaught", game.passed[-1]))
            except StepBudgetError:
                self._found.is_bounded = True
            else:
                done = Move(move.kind, move.node, move.said, move.at, tuple(judge.asked), then)
                self._overheard(position, done, game, judge)
                self._arrive(origin, position, done, game, judge)
            self._found.work += len(game.passed) + game.next_number
            if not choices.advance():
                return
            if self._is_tired():
                self._found.is_bounded = True
                return

    def _play(self, game: SeeingGame, move: Move) -> tuple[str, ...]:
        """Make a move, and complete the plain tasks to which it leads; return these."""
        self._act(game, move)
        then: list[str] = []
        while (token := self._next_plain(game)) is not None:
            then.append(token.place)
            game.finish(token)
        return tuple(then)

    def _next_plain(self, game: SeeingGame) -> Token | None:
        new = (token for token in game.root.walk() if token.number >= game.first_new)
        return next((token for token in new if token.place in self._plain), None)

    def _act(self, game: Game, move: Move) -> None:
        if move.kind == "start":
            game.begin()
            return
        token = game.root if move.at == 0 else next(each for each in game.root.walk() if each.number == move.at)
        if move.kind == "complete":
            keeper = token.keeps().data
            if keeper is not None and move.said:
                keeper["outcome"] = move.said
            game.finish(token)
        else:
            game.catch(token, self._net.nodes[move.node])

    def _arrive(
        self, origin: Position | None, position: Position, move: Move, game: SeeingGame, judge: FreeJudge
    ) -> None:
        marks = self._marked(position.marks, move, game)
        self._found.reached.update(game.passed)
        if not self._found.passed.issuperset(game.passed):
            self._found.passed.update(game.passed)
            self._found.firsts.append((origin, move))
        if game.finished:
            if len(self._found.endings) < MAX_ENDINGS:
                self._found.endings.append((origin, move))
            return
        shapes = shapes_of(self._net, game.root)
        truths = frozenset(judge.truths.items())
        reached = Position(shapes, marks, truths)
        if reached not in self._found.came:
            self._found.reached.update(token.place for token in game.root.walk())
            self._reach(reached, (origin, move))

    def _reach(self, reached: Position, came: _Came) -> None:
        """Look at a state that is new, and go on from it unless something is wrong with it."""
        self._found.came[reached] = came
        seen = list(stuck(self._net, reached.shapes))
        for sighting in seen:
            self._see(sighting)
        if not any(sighting.rule == "synchronisation-lacking" for sighting in seen):
            self._waiting.append(reached)

    def _overheard(self, position: Position, move: Move, game: SeeingGame, judge: FreeJudge) -> None:
        """See gateways that read an outcome which a task beside may have written since the task before them."""
        if not judge.recalled or move.then or move.kind == "start" or move.at == 0:
            return
        root, _ = tokens_of(position.shapes)
        at = next(each for each in root.walk() if each.number == move.at)
        if move.kind == "complete":
            at = at.keeps()  # an item: behind it, what its tasks wrote is gone
            if at is root or any(each.number == at.number for each in game.root.walk()):
                return
        elif self._net.nodes[move.node].kind is Kind.START:
            return
        beside = told_beside(self._net, root, at)
        if beside is not None:
            for gateway in judge.recalled:
                self._see(Sighting("outcome-of-another-branch", gateway, beside))

    def _marked(self, marks: Marks, move: Move, game: SeeingGame) -> Marks:
        for task in (move.node, *move.then) if move.kind == "complete" else move.then:
            marks, seen = self._books.completed(marks, task)
            for sighting in (*seen, *self._outlived(marks, task, game)):
                self._see(sighting)
        if move.kind == "send" and self._net.nodes[move.node].interrupting:
            marks = self._books.told(marks, move.said)
        for sighting in (*self._books.ended(marks, game.passed, finished=game.finished), *self._cut(game)):
            self._see(sighting)
        return marks

    def _cut(self, game: SeeingGame) -> Iterator[Sighting]:
        """Yield the work that an end took away; the ends of the frame are meant to."""
        for end, places in game.cut:
            if not self._books.is_of_frame(end):
                yield from (
                    Sighting("end-cuts-branch", end, place) for place in sorted(places - self._branches.apart_places)
                )

    def _outlived(self, marks: Marks, task: str, game: SeeingGame) -> Iterator[Sighting]:
        """Yield the work that went on beside a task and is still open when that gives the result to the citizen."""
        said = self._steps.get(task)
        if said is None or said.is_frame or not said.is_return or not marks.decided:
            return
        for token in game.root.walk():
            other = self._steps.get(token.place)
            is_work = other is not None and not other.is_return and token.number < game.first_new
            if is_work and not within(token, self._branches.apart_places):
                yield Sighting("branch-outlives-end", token.place, task)

    def _see(self, sighting: Sighting) -> None:
        self._found.sightings.setdefault(sighting)
