"""Everything that can happen to three renewals, in any order: workers, faults, customers, the
reviewer, support, and somebody at Twilio's Console. One process; what breaks, breaks on the wire.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

import requests
from django.db import connection
from django.db.models import QuerySet
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from compliance import answers, gateway, sync, workflow
from compliance.models import Account, Answer, Bundle, Event, Renewal, Stray, User
from compliance.sandbox import seed
from compliance.workflow import NotNow, desk
from tests.world import World, plausible

State, Wish = Renewal.State, Renewal.Wish
KEYS = ("lumiere-fr-local", "acme-de-papers", "mia-au-local")
FAULTS = (
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 429, "retry_after": 2},
    {"kind": "status", "status": 429},
    {"kind": "refuse_before"},
    {"kind": "drop_after"},
    {"kind": "html"},
    {"kind": "truncate"},
)
PLACES = (
    None, "/Copies$", "ItemAssignments", "SupportingDocuments", "EndUsers", "Evaluations",
    "ReplaceItems", "Addresses", r"/Bundles/BU\w+$",
)  # fmt: skip
METHODS = (None, "GET", "POST", "DELETE")
WISHES = (Wish.CANCEL, Wish.CHECK, Wish.START_OVER, Wish.FIND_COPIES)
SPANS = (1, 40, 900, 6 * 3600)
# In so many looks, with nothing in the way, each of them ends or waits for a person.
LOOKS = 60
SETTLED_ELSEWHERE = "Somebody at the Console"


def at_rest() -> QuerySet[Renewal, Any]:
    """Open renewals that nobody will look at by themselves; without those that somebody can send,
    and those whose decision the poll finds."""
    open_ = Renewal.objects.open().filter(next_look_at=None, trouble="", paused_at=None)
    return open_.exclude(state__in=(State.READY, State.IN_REVIEW)).values_list("pk")


class Life(RuleBasedStateMachine):
    """``world`` is set by the test; its customers and their people are there."""

    world: ClassVar[World]

    @initialize()
    def first_day(self) -> None:
        self.world.start_afresh(only=KEYS)
        Account.objects.update(paused_until=None)
        # Whoever replaces items at the Console answers for what the bundle holds then.
        self.by_hand: set[str] = set()
        self.support = User.objects.get(is_staff=True)
        self.bundles = dict(Bundle.objects.values_list("sid", "pk"))
        self.at_rest = at_rest().query.sql_with_params()  # once, for it is asked after each step
        self.at_first = {key: self.world.at_twilio(seed.BUNDLES[key]) for key in KEYS}

    # --- Who is looked after ------------------------------------------------------------------

    def newest(self, key: str) -> Renewal:
        return self.all_of(key).select_related("bundle").latest("pk")

    def newest_pk(self, key: str) -> int:
        return int(self.all_of(key).values_list("pk", flat=True).latest("pk"))

    def newest_copy(self, key: str) -> str:
        return str(self.all_of(key).values_list("copy_sid", flat=True).latest("pk"))

    def all_of(self, key: str) -> QuerySet[Renewal]:
        return Renewal.objects.filter(bundle=self.bundles[seed.BUNDLES[key]])

    def look(self, key: str) -> None:
        workflow.advance(self.newest_pk(key), clock=self.world.clock)

    # --- Our side -----------------------------------------------------------------------------

    @rule(key=st.sampled_from(KEYS))
    def a_worker_looks(self, key: str) -> None:
        self.look(key)

    @rule(key=st.sampled_from(KEYS))
    def a_callback_comes(self, key: str) -> None:
        now = self.world.clock()
        Renewal.objects.open().filter(pk=self.newest_pk(key)).update(next_look_at=now)

    @rule()
    def the_sweep(self) -> None:
        due = Renewal.objects.open().filter(next_look_at__lte=self.world.clock())
        for pk in due.values_list("pk", flat=True):
            workflow.advance(pk, clock=self.world.clock)

    @rule(full=st.booleans())
    def twilio_is_read(self, full: bool) -> None:
        (self.world.sync if full else self.world.poll)()

    @rule(seconds=st.sampled_from(SPANS))
    def time_passes(self, seconds: int) -> None:
        self.world.later(seconds=seconds)

    # --- The network --------------------------------------------------------------------------

    @rule(
        fault=st.sampled_from(FAULTS),
        path=st.sampled_from(PLACES),
        method=st.sampled_from(METHODS),
        times=st.integers(1, 3),
    )
    def a_call_will_break(
        self, fault: dict[str, Any], path: str | None, method: str | None, times: int
    ) -> None:
        self.world.control("faults", **fault, path=path, method=method, times=times)

    @rule()
    def the_network_is_fine(self) -> None:
        self.world.clear_faults()

    # --- The customer -------------------------------------------------------------------------

    @rule(key=st.sampled_from(KEYS), which=st.integers(0, 5), stale=st.booleans())
    def the_customer_answers(self, key: str, which: int, stale: bool) -> None:
        renewal = self.newest(key)
        tasks = answers.checklist_of(renewal).tasks
        if tasks:
            self.answer(renewal, tasks[which % len(tasks)], stale=stale)

    def answer(self, renewal: Renewal, task: Any, *, stale: bool = False) -> None:
        option = task.options[0]
        earlier = renewal.answers.filter(task=task.key).first()
        version = earlier.version if earlier and not stale else 0
        try:
            answers.save(
                renewal,
                task=task,
                option=option,
                values={f.name: plausible(renewal, f) for f in option.fields},
                file=self.world.scan() if option.needs_file else None,
                version=version,
                by=self.world.user(renewal),
                now=self.world.clock(),
            )
        except (answers.NotOpen, answers.Conflict):
            # The page says so.
            return

    @rule(key=st.sampled_from(KEYS))
    def the_customer_sends(self, key: str) -> None:
        renewal = self.newest(key)
        try:
            workflow.send(renewal, by=self.world.user(renewal), now=self.world.clock())
        except NotNow:
            return

    # --- The reviewer, and whoever sits at the Console ----------------------------------------

    @rule(
        key=st.sampled_from(KEYS),
        verdict=st.sampled_from(("approve", "provisional", "in-review", "reject", "reject-one")),
    )
    def the_reviewer_decides(self, key: str, verdict: str) -> None:
        copy_sid = self.newest_copy(key)
        copy = self.world.at_twilio(copy_sid) if copy_sid else None
        if copy is None:
            return
        documents = []
        if verdict == "reject-one" and copy["documents"]:
            refused = copy["documents"][0]["sid"]
            documents = [{"sid": refused, "code": 18002, "reason": "Too dark."}]
        verb = "reject" if verdict.startswith("reject") else verdict
        self.at_the_console(
            lambda: self.world.control(f"bundles/{copy_sid}/{verb}", reason="", documents=documents)
        )

    def at_the_console(self, act: Callable[[], object]) -> None:
        """What can't be done is refused there, as anybody's call would be."""
        try:
            act()
        except (gateway.Refused, gateway.Gone, gateway.Unavailable, requests.HTTPError):
            return

    @rule(key=st.sampled_from(KEYS))
    def somebody_makes_a_copy(self, key: str) -> None:
        sid = seed.BUNDLES[key]
        self.at_the_console(
            lambda: self.world.twilio().create_copy(sid, friendly_name=SETTLED_ELSEWHERE)
        )

    @rule(key=st.sampled_from(KEYS))
    def somebody_deletes_our_copy(self, key: str) -> None:
        if sid := self.newest_copy(key):
            self.at_the_console(lambda: self.world.twilio().delete_bundle(sid))

    @rule(key=st.sampled_from(KEYS))
    def somebody_submits_our_copy(self, key: str) -> None:
        if sid := self.newest_copy(key):
            self.at_the_console(lambda: self.world.twilio().submit(sid))

    @rule(key=st.sampled_from(KEYS))
    def somebody_replaces_the_items(self, key: str) -> None:
        if sid := self.newest_copy(key):
            original = seed.BUNDLES[key]
            self.by_hand.add(key)
            self.at_the_console(lambda: self.world.twilio().replace_items(original, from_sid=sid))

    @rule(key=st.sampled_from(KEYS), which=st.integers(0, 5))
    def somebody_takes_an_item_out(self, key: str, which: int) -> None:
        if sid := self.newest_copy(key):
            self.at_the_console(lambda: self.take_out(sid, which))

    def take_out(self, sid: str, which: int) -> None:
        held = self.world.twilio().assignments(sid)
        if held:
            item = held[which % len(held)]
            self.world.twilio().unassign(sid, assignment_sid=item.sid)
            self.world.twilio().delete_item(item.object_sid)

    @rule(key=st.sampled_from(KEYS), days=st.sampled_from((None, 3, 40)))
    def the_deadline_changes(self, key: str, days: int | None) -> None:
        until = (self.world.clock() + timedelta(days=days)).isoformat() if days else None
        sid = seed.BUNDLES[key]
        self.at_the_console(
            lambda: self.world.control(f"bundles/{sid}/deadline", valid_until=until)
        )

    # --- Support ------------------------------------------------------------------------------

    @rule(key=st.sampled_from(KEYS))
    def support_tries_again(self, key: str) -> None:
        desk.try_again(self.newest(key), by=self.support, now=self.world.clock())

    @rule(key=st.sampled_from(KEYS), wish=st.sampled_from(WISHES))
    def support_asks(self, key: str, wish: str) -> None:
        now = self.world.clock()
        self.unless_too_late(lambda: desk.ask(self.newest(key), wish, by=self.support, now=now))

    @rule(key=st.sampled_from(KEYS))
    def support_pauses(self, key: str) -> None:
        now = self.world.clock()
        self.unless_too_late(
            lambda: desk.pause(self.newest(key), by=self.support, reason="Asked to", now=now)
        )

    @rule(key=st.sampled_from(KEYS))
    def support_resumes(self, key: str) -> None:
        now = self.world.clock()
        self.unless_too_late(lambda: desk.resume(self.newest(key), by=self.support, now=now))

    @rule(key=st.sampled_from(KEYS))
    def support_reopens(self, key: str) -> None:
        if self.newest(key).state == State.CANCELLED:
            now = self.world.clock()
            self.unless_too_late(lambda: desk.reopen(self.newest(key), by=self.support, now=now))

    def unless_too_late(self, act: Callable[[], object]) -> None:
        try:
            act()
        except NotNow:
            return

    # --- What always holds --------------------------------------------------------------------

    @invariant()
    def somebody_can_go_on(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(*self.at_rest)
            found = [pk for (pk,) in cursor.fetchall()]
        for pk in found:
            renewal = Renewal.objects.select_related("bundle__regulation").get(pk=pk)
            assert renewal.state in Renewal.EDITABLE, renewal.state
            assert answers.checklist_of(renewal).tasks, renewal.state

    def nothing_went_in_circles(self) -> None:
        assert not Event.objects.filter(
            kind="trouble", details__trouble="going-in-circles"
        ).exists()

    def teardown(self) -> None:
        """The day after, with nothing in the way: everything ends, or waits for a named person."""
        if not hasattr(self, "at_first"):
            return
        self.world.clear_faults()
        Account.objects.update(paused_until=None)
        sync.sync(now=self.world.clock())
        for key in KEYS:
            self.comes_to_an_end(key)
            original = self.world.at_twilio(seed.BUNDLES[key])
            assert original["numbers"] == self.at_first[key]["numbers"]
            if key not in self.by_hand:
                assert len(original["end_users"]) == 1, (key, original)
                assert original["documents"] or not self.at_first[key]["documents"], (key, original)
        replaced = [
            entry["fields"]["FromBundleSid"][0]
            for entry in self.world.requests()
            if entry["path"].endswith("/ReplaceItems")
            and (entry["status"] == 200 or entry["fault"] == "drop_after")
        ]
        assert len(replaced) == len(set(replaced))
        self.nothing_of_ours_is_left_behind()
        self.nothing_went_in_circles()

    def nothing_of_ours_is_left_behind(self) -> None:
        """The hourly reconcile finds it, whatever broke off before."""
        self.world.later(days=1)
        for account in Account.objects.all():
            Account.objects.update(strays_due_at=None)
            sync.reconcile(account, clock=self.world.clock)
        state = self.world.sandbox.state
        ended = Renewal.objects.filter(state__in=Renewal.ENDED).values_list("reference", flat=True)
        reported = set(Stray.objects.for_support().values_list("sid", flat=True))
        left = {
            item.sid: item.friendly_name
            for item in [*state.end_users.values(), *state.documents.values()]
            if item.sid in self.world.strays() - reported
            and any(f"[{reference}" in item.friendly_name for reference in ended)
        }
        assert left == {}

    def approved(self, copy_sid: str) -> None:
        self.at_the_console(lambda: self.world.control(f"bundles/{copy_sid}/approve"))

    def comes_to_an_end(self, key: str) -> None:
        for _ in range(LOOKS):
            renewal = self.newest(key)
            if renewal.state in Renewal.ENDED or renewal.trouble:
                return
            if renewal.paused_at:
                desk.resume(renewal, by=self.support, now=self.world.clock())
            elif renewal.state == State.IN_REVIEW:
                # One day the reviewer decides, whether or not anybody needs it any more.
                self.approved(renewal.copy_sid)
                self.a_callback_comes(key)
                self.look(key)
            elif renewal.next_look_at is not None:
                ahead = renewal.next_look_at - self.world.clock()
                self.world.later(seconds=max(0.0, ahead.total_seconds()))
                self.look(key)
            elif renewal.state == State.READY:
                self.the_customer_sends(key)
            else:
                for task in answers.checklist_of(renewal).tasks:
                    self.answer(renewal, task)
        left = self.newest(key)
        waiting = left.answers.filter(state=Answer.State.WAITING).count()
        raise AssertionError(f"{key} never ends: {left.state}, {waiting} answers wait")
