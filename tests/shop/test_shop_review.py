"""The review desk of the sample shop, through its commands: review, approve, reject, hold, release.

Each test runs a few orders of the sample; what a person says in between counts in the next run.
"""

from pathlib import Path
from typing import Any

import pytest
from shop_desk import Desk, change_orders, keep_orders

NOW = ("--now", "2026-03-02T09:00:00+00:00")
LATER = ("--now", "2026-03-03T09:00:00+00:00")
SUSPICIOUS, PLAIN, LAST_MUGS, NEXT_IN_LINE = "#1064", "#1002", "#1013", "#1011"
OWN_TABLES = "explanations", "left_out", "orders", "readings", "screenings", "titles", "waiting"


class Shop:
    """A shop that runs a few orders of the sample, and a desk beside it."""

    def __init__(self, desk: Desk, *names: str) -> None:
        """Nothing has run yet."""
        self.desk = desk
        self.folder = keep_orders(desk.files(), *names)

    def run(self, *when: str) -> str:
        """One run; its last line."""
        assert self.desk("run", "--orders", self.folder, *(when or NOW)) == 0
        return self.desk.tally

    def outcome(self, name: str) -> str:
        """How an order came out."""
        return str(dict(self.desk.rows("select name, outcome from orders"))[name])

    def reserved(self) -> list[Any]:
        """All reservations."""
        return self.desk.rows("select * from reservations order by number")

    def told(self, name: str) -> list[str]:
        """The kinds of the messages about an order."""
        rows = self.desk.rows("select order_name, kind from outbox order by number")
        return [kind for order_name, kind in rows if order_name == name]

    def change(self, name: str, **fields: object) -> None:
        """Change the address to ship to of an order."""
        change_orders(self.folder, lambda by: by[name]["shipping_address"].update(fields))

    def queue(self) -> list[str]:
        """The names of the orders that wait, in their sequence."""
        query = "select name from reviews join orders on id = order_id order by position"
        return [name for (name,) in self.desk.rows(query)]


# -- From held to shipped, and back ----------------------------------------------------------------


def test_a_suspicious_order_from_held_to_shipped_and_held_again(desk: Desk) -> None:
    """A run holds a suspicious order; a person approves it; the next run allocates it. Changed to
    another address it is another version, which nobody approved, and is held again.
    """
    shop = Shop(desk, SUSPICIOUS, PLAIN)
    shop.run()
    assert (shop.outcome(SUSPICIOUS), shop.outcome(PLAIN)) == ("held", "allocated")
    assert shop.queue() == [SUSPICIOUS]

    assert desk("approve", "1064", "--by", "Grace") == 0
    assert desk.out == (
        "Order #1064: Grace approved risk.flagged, risk.score_high. The next run goes by it.\n"
    )
    assert shop.outcome(SUSPICIOUS) == "held"
    assert shop.run() == "1 new message, 1 delivered, 0 waiting."
    assert (shop.outcome(SUSPICIOUS), shop.queue()) == ("allocated", [])
    before = shop.reserved()

    shop.change(SUSPICIOUS, address1="Hafenweg 9", zip="20457", city="Hamburg")
    shop.run()
    assert (shop.outcome(SUSPICIOUS), shop.queue()) == ("held", [SUSPICIOUS])
    assert shop.reserved() == before
    desk("show", "1064")
    assert "approved by Grace" in desk.out
    assert "(another version of the order)" in desk.out

    desk("approve", "1064", "--by", "Grace")
    shop.run()
    assert (shop.outcome(SUSPICIOUS), shop.reserved()) == ("allocated", before)
    assert shop.told(SUSPICIOUS).count("order.confirmed") == 2  # it was on hold in between


def test_a_message_that_does_not_hold_any_more_is_not_sent_late(desk: Desk) -> None:
    """The staff need not look at an order that was approved before the mail about it went out."""
    shop = Shop(desk, SUSPICIOUS)
    shop.run()
    assert "order.review_needed" in shop.told(SUSPICIOUS)
    desk.change(  # it waits still
        "update fulfill_outbox set sent_at = null where content like '%order.review_needed%'"
    )
    desk("approve", "1064", "--by", "Grace")
    shop.run()
    assert shop.told(SUSPICIOUS) == ["order.on_hold", "order.confirmed"]


def test_an_approval_is_for_the_version_that_the_last_run_saw(desk: Desk) -> None:
    """If the order was changed after the run that the person looked at, the approval is for the
    version on the screen, not for the changed one.
    """
    shop = Shop(desk, SUSPICIOUS)
    shop.run()
    shop.change(SUSPICIOUS, address1="Hafenweg 9")
    desk("approve", "1064", "--by", "Grace")
    shop.run()
    assert shop.outcome(SUSPICIOUS) == "held"


def test_only_what_is_named_is_approved(desk: Desk) -> None:
    """With ``--code``, the other findings go on stopping the order; the queue shows who said what
    before the next run, and only what is left after it.
    """
    shop = Shop(desk, SUSPICIOUS)
    shop.run()
    desk("approve", "1064", "--by", "Grace", "--code", "risk.flagged")
    desk("review")
    assert "Grace approved risk.flagged:" in desk.out
    assert "approve risk.score_high:" in desk.out
    shop.run()
    desk("review")
    assert "risk.flagged" not in desk.out
    assert "approve risk.score_high:" in desk.out
    desk("approve", "1064", "--by", "Bob")
    shop.run()
    assert shop.outcome(SUSPICIOUS) == "allocated"


def test_a_rejected_order_gives_its_units_to_the_next_in_line(desk: Desk) -> None:
    """An order that a person turns down is rejected by the next run; what it held goes to the next
    in the queue in the same run, and each of the two is told once.
    """
    shop = Shop(desk, LAST_MUGS, "#1012", NEXT_IN_LINE)
    shop.run()
    assert (shop.outcome(LAST_MUGS), shop.outcome(NEXT_IN_LINE)) == ("allocated", "unfulfillable")
    desk("reject", "1013", "--by", "Grace", "--reason", "The card was stolen", *NOW)
    assert shop.run() == "2 new messages, 2 delivered, 0 waiting."
    assert (shop.outcome(LAST_MUGS), shop.outcome(NEXT_IN_LINE)) == ("rejected", "allocated")
    assert desk.rows("select detail from findings where code = 'review.rejected'") == [
        ("Grace turned this order down at 2026-03-02 09:00 UTC: The card was stolen.",)
    ]
    assert shop.run() == "0 new messages, 0 delivered, 0 waiting."


def test_a_rejection_is_for_one_version(desk: Desk) -> None:
    """The changed order is judged anew."""
    shop = Shop(desk, PLAIN)
    shop.run()
    desk("reject", "1002", "--by", "Grace", "--reason", "Nobody lives there.")
    shop.run()
    assert shop.outcome(PLAIN) == "rejected"
    shop.change(PLAIN, address1="6 Mill Lane")
    shop.run()
    assert shop.outcome(PLAIN) == "allocated"


def test_what_was_turned_down_may_pass_if_it_is_named(desk: Desk) -> None:
    """An order on the deny list passes when a person names the code; so does one that a person had
    turned down by mistake.
    """
    shop = Shop(desk, "#1066", PLAIN)
    shop.run()
    desk("reject", "1002", "--by", "Bob", "--reason", "A mistake.")
    shop.run()
    assert (shop.outcome("#1066"), shop.outcome(PLAIN)) == ("rejected", "rejected")
    assert desk("approve", "1066", "--by", "Grace") == 2
    assert "so name what may pass all the same; there is: --code risk.denied" in desk.err
    assert desk("approve", "1066", "--by", "Grace", "--code", "risk.denied") == 0
    assert desk("approve", "1002", "--by", "Grace", "--code", "review.rejected") == 0
    shop.run()
    assert (shop.outcome("#1066"), shop.outcome(PLAIN)) == ("allocated", "allocated")


# -- Holds -----------------------------------------------------------------------------------------


def two_strainers_more(by_name: dict[str, dict[str, Any]]) -> None:
    """The order asks for more of its second line, and is paid for."""
    order = by_name[PLAIN]
    order["line_items"][1]["current_quantity"] = 3
    order.update(total_price="40.50", current_total_price="40.50")


def test_a_hold_on_one_line_lets_the_others_go(desk: Desk) -> None:
    """The line waits, the others are allocated. Released, the order goes on: what it has reserved
    it keeps, what it lacks it gets.
    """
    shop = Shop(desk, PLAIN)
    shop.run()
    before = shop.reserved()
    change_orders(shop.folder, two_strainers_more)
    desk("hold", "1002", "--by", "quality", "--code", "shop.recall", "--line", "STRAINER")
    shop.run()
    assert (shop.outcome(PLAIN), shop.queue()) == ("partially_allocated", [PLAIN])
    assert shop.reserved() == before

    desk("release", "1002", "--by", "quality", "--code", "shop.recall", "--line", "8810022")
    shop.run()
    assert shop.reserved()[: len(before)] == before
    assert [row[4:6] for row in shop.reserved()[len(before) :]] == [("70001", 2)]


def test_a_hold_on_one_line_before_anything_is_reserved(desk: Desk) -> None:
    """Of an order that waits as a whole, a line that was stopped meanwhile goes on waiting after
    the rest was approved.
    """
    shop = Shop(desk, "#1070", "#1067", "#1068", "#1069")
    change_orders(
        shop.folder,
        lambda by: by["#1070"]["line_items"].append(
            by["#1067"]["line_items"][0] | {"id": 1, "price": "0.00"}
        ),
    )
    shop.run()
    assert shop.outcome("#1070") == "held"
    desk("hold", "1070", "--by", "quality", "--code", "shop.recall", "--line", "1")
    desk("approve", "1070", "--by", "Grace")
    shop.run()
    assert shop.outcome("#1070") == "partially_allocated"
    held = desk.rows("select line_id, quantity from reservations where order_id = '881070'")
    assert held == [("8810701", 2)]
    desk("release", "1070", "--by", "quality", "--code", "shop.recall", "--line", "1")
    shop.run()
    assert shop.outcome("#1070") == "allocated"


def test_holds_are_released_one_by_one(desk: Desk) -> None:
    """Each hold has a key of its own: who, why, which line. The order goes on when none is left,
    from where it was: it kept its units, and its customer is told that it goes on.
    """
    shop = Shop(desk, PLAIN)
    shop.run()
    before = shop.reserved()
    for source in ("fraud team", "quality"):
        desk("hold", "1002", "--by", source, "--code", "shop.look")
    shop.run()
    assert shop.outcome(PLAIN) == "held"
    desk("release", "1002", "--by", "quality", "--code", "shop.look")
    shop.run()
    assert shop.outcome(PLAIN) == "held"
    desk("release", "1002", "--by", "fraud team", "--code", "shop.look")
    shop.run()
    assert (shop.outcome(PLAIN), shop.reserved()) == ("allocated", before)
    assert shop.told(PLAIN).count("order.confirmed") == 2


def test_a_hold_stays_when_the_order_is_changed(desk: Desk) -> None:
    """A hold is for any version of an order, unlike an approval."""
    shop = Shop(desk, PLAIN)
    shop.run()
    desk("hold", "1002", "--by", "quality", "--code", "shop.recall")
    shop.change(PLAIN, address1="6 Mill Lane")
    shop.run()
    assert shop.outcome(PLAIN) == "held"


def test_a_hold_on_a_line_that_is_gone_can_be_released(desk: Desk) -> None:
    """If the line is taken out of the order meanwhile, the order waits as a whole, and the hold is
    released by the line's old id.
    """
    shop = Shop(desk, PLAIN)
    shop.run()
    desk("hold", "1002", "--by", "quality", "--code", "shop.recall", "--line", "STRAINER")

    def without_strainers(by_name: dict[str, dict[str, Any]]) -> None:
        by_name[PLAIN]["line_items"].pop()
        by_name[PLAIN].update(total_price="19.80", current_total_price="19.80")

    change_orders(shop.folder, without_strainers)
    shop.run()
    assert shop.outcome(PLAIN) == "held"
    assert desk("release", "1002", "--by", "quality", "--code", "shop.recall") == 2
    assert "there is: shop.recall of quality, line 8810022" in desk.err
    line = ("--line", "8810022")
    assert desk("release", "1002", "--by", "quality", "--code", "shop.recall", *line) == 0
    shop.run()
    assert shop.outcome(PLAIN) == "allocated"


def test_nothing_is_said_twice(desk: Desk) -> None:
    """After any of it a second run changes no row and delivers nothing; no message of any run came
    twice.
    """
    shop = Shop(desk, SUSPICIOUS, PLAIN, LAST_MUGS, NEXT_IN_LINE)
    shop.run()
    for command in (
        ("approve", "1064", "--by", "Grace"),
        ("reject", "1013", "--by", "Grace", "--reason", "A stolen card."),
        ("hold", "1002", "--by", "quality", "--code", "shop.recall", "--line", "STRAINER"),
        ("release", "1002", "--by", "quality", "--code", "shop.recall", "--line", "STRAINER"),
    ):
        assert desk(*command) == 0
        shop.run()
        before, mails = desk.dump(), desk.mails()
        assert shop.run() == "0 new messages, 0 delivered, 0 waiting."
        assert (desk.dump(), desk.mails()) == (before, mails)
    contents = list(desk.mails().values())
    assert len(contents) == len(set(contents))
    kinds = [kind for mail in desk.parsed_mails() for kind in mail["X-Kind"].split(", ")]
    assert len(kinds) == len(desk.rows("select * from outbox"))


# -- The queue -------------------------------------------------------------------------------------


def test_the_queue_in_full(desk: Desk) -> None:
    """``review`` shows the orders that wait in the sequence in which one should look at them: the
    earliest deadline, then the largest value, then the oldest; on 80 columns.
    """
    desk.first_run()
    assert desk("review") == 0
    assert max(map(len, desk.out.splitlines())) <= 80
    listed = [line.split()[0] for line in desk.out.splitlines() if line.startswith(" #")]
    assert " ".join(listed) == (
        "#1064 #1042 #1072 #1073 #1007 #1032 #1033 #1029 #1047 #1048 #1050 #1040 #1041 #1070 #1065"
        " #1044 #1043"
    )
    assert desk.out.splitlines()[-1] == "17 orders wait for a person."


def test_the_queue_says_what_each_order_needs(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """For each finding: what can be done, its code, and the sentence."""
    monkeypatch.setenv("COLUMNS", "300")
    shop = Shop(desk, "#1065", "#1073", "#1050", PLAIN)
    shop.run()
    desk("hold", "1002", "--by", "quality", "--code", "shop.recall", "--line", "STRAINER")
    shop.run()
    desk("review")
    for need in (
        "approve risk.avs_mismatch: The address is not the one that the bank knows",
        "gather screening.missing: The order has not been screened yet",
        "correct order.conflicting_duplicate: ",
        "release shop.recall (quality, line 8810022): The line was stopped by quality.",
    ):
        assert need in desk.out


def test_the_queue_shows_what_was_said_since(desk: Desk) -> None:
    """What was approved, turned down, released or stopped since the last run is shown as such."""
    shop = Shop(desk, SUSPICIOUS, PLAIN, LAST_MUGS)
    shop.run()
    desk("hold", "1013", "--by", "quality", "--code", "shop.recall")
    desk("review")
    assert "Stopped since the last run: #1013, by quality: shop.recall\n" in desk.out
    shop.run()
    desk("release", "1013", "--by", "quality", "--code", "shop.recall")
    desk("reject", "1064", "--by", "Grace", "--reason", "A stolen card")
    desk("review")
    assert "released shop.recall" in desk.out
    assert "Grace turned it down: A stolen" in desk.out
    assert "Stopped since" not in desk.out


def test_waiting_since_is_since_the_first_run_that_held_it(desk: Desk) -> None:
    """The time stays as long as the order waits; who comes back later waits since then."""
    shop = Shop(desk, SUSPICIOUS)
    shop.run()
    shop.run(*LATER)
    since = "select waiting_since from reviews"
    assert desk.rows(since) == [("2026-03-02T09:00:00+00:00",)]
    desk("approve", "1064", "--by", "Grace")
    shop.run(*LATER)
    shop.change(SUSPICIOUS, address1="Hafenweg 9")
    shop.run(*LATER)
    assert desk.rows(since) == [("2026-03-03T09:00:00+00:00",)]


def test_an_empty_queue(desk: Desk) -> None:
    """If nothing waits, it says so."""
    shop = Shop(desk, PLAIN)
    shop.run()
    assert desk("review") == 0
    assert desk.out == "No orders wait for a person.\n"


def test_names_are_no_markup(desk: Desk) -> None:
    """What people type is printed as it stands."""
    shop = Shop(desk, SUSPICIOUS)
    shop.run()
    desk("approve", "1064", "--by", "[red]Grace[/]", "--code", "risk.flagged")
    desk("review")
    assert "[red]Grace[/] approved" in desk.out
    assert desk("show", "1064") == 0
    assert "approved by [red]Grace[/]" in desk.out


# -- Wrong use -------------------------------------------------------------------------------------

BY = ("--by", "Grace")
WRONG = [
    (("approve", "nope", *BY), "no order has the id or name 'nope'"),
    (("reject", "nope", *BY, "--reason", "x"), "no order has the id or name 'nope'"),
    (("hold", "1051", *BY, "--code", "a.b"), "order #1051 was not decided; skipped: a test order"),
    (("approve", "1002", *BY), "order #1002 has nothing to approve; nothing stopped it in"),
    (
        ("approve", "1050", *BY),
        "no approval helps against order.conflicting_duplicate: correct the order",
    ),
    (
        ("approve", "1074", *BY, "--code", "order.test"),
        "order.test is nothing to approve of order #1074; no approval helps against order.test",
    ),
    (
        ("approve", "1064", *BY, "--code", "risk.flagged", "risk.other"),
        "risk.other is nothing to approve of order #1064; there is: --code risk.flagged",
    ),
    (
        ("approve", "1073", *BY),
        "order #1073 has nothing to approve; there is: --code screening.missing",
    ),
    (("approve", "1003", *BY), "order #1003 has nothing to approve; quality has to release shop.b"),
    (("approve", "1003", *BY, "--code", "shop.b"), "quality has to release shop.b"),
    (("approve", "1065", *BY), "nothing to approve; the next run goes by what was said"),
    (
        ("approve", "1065", *BY, "--code", "risk.avs_mismatch"),
        "risk.avs_mismatch of order #1065 was approved before, by Bob",
    ),
    (("reject", "1072", *BY, "--reason", "x"), "order #1072 was turned down before, by Bob"),
    (
        ("hold", "1003", "--by", "quality", "--code", "shop.b"),
        "quality stopped order #1003 for shop.b before, ",
    ),
    (("hold", "1003", *BY, "--code", "Recall"), "Hold.code: 'Recall' is not dotted lower case"),
    (
        ("hold", "1003", *BY, "--code", "a.b", "--line", "MUG"),
        "order #1003 has no one line 'MUG'; its lines: 8810031 (HONEY-500), 8810032 (STRAINER)",
    ),
    (
        ("hold", "1049", *BY, "--code", "a.b", "--line", "MUG-BLUE"),
        "order #1049 has no one line 'MUG-BLUE'; its lines: 8810491 (MUG-BLUE), 8810492 (MUG-BLUE)",
    ),
    (
        ("release", "1002", *BY, "--code", "a.b"),
        "Grace does not hold all of order #1002 for a.b; nobody holds it",
    ),
    (
        ("release", "1003", "--by", "quality", "--code", "shop.b", "--line", "STRAINER"),
        "quality does not hold that line of order #1003 for shop.b; there is: shop.b of quality",
    ),
    (
        ("release", "1064", *BY, "--code", "risk.flagged"),
        "Grace does not hold all of order #1064 for risk.flagged; nobody holds it",
    ),
]


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a shop whose desk was used: for wrong use, which changes nothing."""
    return tmp_path_factory.mktemp("used") / "shop.db"


@pytest.mark.parametrize(("command", "problem"), WRONG)
def test_wrong_use_is_one_line(
    desk: Desk, used: Path, command: tuple[str, ...], problem: str
) -> None:
    """What cannot be done is one clear line that names the way out, exit code 2, and no change."""
    desk.db = used
    if not used.exists():
        desk("run")
        desk("hold", "1003", "--by", "quality", "--code", "shop.b")
        desk("run")
        desk("approve", "1065", "--by", "Bob")
        desk("reject", "1072", "--by", "Bob", "--reason", "A stolen card.")
    before = desk.dump()
    assert desk(*command) == 2
    assert desk.out == ""
    assert desk.err.startswith("shop: ")
    assert problem in desk.err
    assert desk.err.count("\n") == 1
    assert desk.dump() == before


@pytest.mark.parametrize("written", ["", "  ", "a\x1bb", "\udcff"])
def test_what_is_no_text_is_refused(desk: Desk, written: str) -> None:
    """Nobody, and what is no text, can approve anything."""
    with pytest.raises(SystemExit) as stopped:
        desk("approve", "1064", "--by", written)
    assert stopped.value.code == 2
    assert "--by: " in desk.capsys.readouterr().err


def test_a_line_break_is_a_blank(desk: Desk) -> None:
    """A reason of several lines is one sentence."""
    shop = Shop(desk, PLAIN)
    shop.run()
    desk("reject", "1002", "--by", "Grace", "--reason", "She\n cancelled.")
    assert desk.rows("select reason from rejections") == [("She cancelled.",)]


# -- A database from before ------------------------------------------------------------------------


def test_a_database_without_the_shops_own_tables_still_opens(desk: Desk) -> None:
    """All that counts is in the library's tables: the next run adds what is missing, changes no
    decision and says nothing again.
    """
    desk.first_run()
    kept = "select * from orders", "select * from reservations", "select * from outbox"
    before = [desk.rows(query) for query in kept]
    for table in OWN_TABLES:
        desk.change(f"drop table {table}")
    assert desk("review") == 0
    assert desk.out == "No orders wait for a person.\n"
    assert desk("run") == 0
    assert desk.tally == "0 new messages, 0 delivered, 0 waiting."
    assert [desk.rows(query) for query in kept] == before
    assert desk("review") == 0
    assert "17 orders wait for a person." in desk.out
    assert desk("show", "1014") == 0
