"""The table of what one may write with `attribute(...)`: the criteria that each line gives, or what it is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pulumi
import pytest

from pulumi_snowplow_signals.criteria.operators import OPERATORS
from pulumi_snowplow_signals.inputs import (
    InputFault,
    InterventionCriteriaAll,
    InterventionCriteriaAny,
    InterventionCriteriaNone,
    InterventionCriterion,
    all_of,
    any_of,
    attribute,
    none_of,
)
from pulumi_snowplow_signals.inputs.wording import as_code

CART, IDLE, PLAN, PAID = "shopping:cart_value", "shopping:idle", "account:plan", "account:paid"


def is_(name: str, operator: Any, value: Any = None) -> InterventionCriterion:
    return InterventionCriterion(attribute=name, operator=operator, value=value)


def all_(*children: Any) -> InterventionCriteriaAll:
    return InterventionCriteriaAll(all=children)


def any_(*children: Any) -> InterventionCriteriaAny:
    return InterventionCriteriaAny(any=children)


def none(*children: Any) -> InterventionCriteriaNone:
    return InterventionCriteriaNone(none=children)


# A line of a program, and the criteria that it gives.
RIGHT = [
    ("cart == 75", "is_(CART, '=', 75)"),
    ("cart != 75", "is_(CART, '!=', 75)"),
    ("cart < 75", "is_(CART, '<', 75)"),
    ("cart > 75", "is_(CART, '>', 75)"),
    ("cart <= 75.5", "is_(CART, '<=', 75.5)"),
    ("cart >= 75", "is_(CART, '>=', 75)"),
    ("plan > 'b'", "is_(PLAN, '>', 'b')"),
    ("paid == True", "is_(PAID, '=', True)"),
    ("paid != False", "is_(PAID, '!=', False)"),
    ("plan.is_null()", "is_(PLAN, 'is null')"),
    ("plan.is_not_null()", "is_(PLAN, 'is not null')"),
    ("plan.in_(['free', 'trial'])", "is_(PLAN, 'in', ['free', 'trial'])"),
    ("plan.in_(('free', 'trial'))", "is_(PLAN, 'in', ['free', 'trial'])"),
    ("cart.in_([1, 2.5])", "is_(CART, 'in', [1, 2.5])"),
    ("cart.in_(range(3))", "is_(CART, 'in', [0, 1, 2])"),
    ("plan.not_in(['free'])", "is_(PLAN, 'not in', ['free'])"),
    ("plan.like('fr%')", "is_(PLAN, 'like', 'fr%')"),
    ("plan.not_like('fr%')", "is_(PLAN, 'not like', 'fr%')"),
    ("plan.rlike('^fr.+')", "is_(PLAN, 'rlike', '^fr.+')"),
    ("plan.not_rlike('^fr.+')", "is_(PLAN, 'not rlike', '^fr.+')"),
    ("plan.changed()", "is_(PLAN, 'changed')"),
    # reflected: the value comes first
    ("75 < cart", "is_(CART, '>', 75)"),
    ("75 > cart", "is_(CART, '<', 75)"),
    ("75 <= cart", "is_(CART, '>=', 75)"),
    ("75 >= cart", "is_(CART, '<=', 75)"),
    ("75 == cart", "is_(CART, '=', 75)"),
    ("'free' != plan", "is_(PLAN, '!=', 'free')"),
    # outputs
    ("cart > output", "is_(CART, '>', output)"),
    ("output < cart", "is_(CART, '>', output)"),
    ("output >= cart", "is_(CART, '<=', output)"),
    ("output == cart", "is_(CART, '=', output)"),
    ("output != cart", "is_(CART, '!=', output)"),
    ("cart.in_(output)", "is_(CART, 'in', output)"),
    ("cart.in_([1, output])", "is_(CART, 'in', [1, output])"),
    ("plan.like(output)", "is_(PLAN, 'like', output)"),
    ("attribute(output) > 1", "is_(output, '>', 1)"),
    ("(cart > 1) & output", "all_(is_(CART, '>', 1), output)"),
    ("output | (cart > 1)", "any_(output, is_(CART, '>', 1))"),
    ("output & (cart > output)", "all_(output, is_(CART, '>', output))"),
    # joined, and already flat
    ("(cart > 1) & (idle > 2)", "all_(is_(CART, '>', 1), is_(IDLE, '>', 2))"),
    ("(cart > 1) & (idle > 2) & paid.is_null()", "all_(is_(CART, '>', 1), is_(IDLE, '>', 2), is_(PAID, 'is null'))"),
    ("(cart > 1) & ((idle > 2) & paid.is_null())", "all_(is_(CART, '>', 1), is_(IDLE, '>', 2), is_(PAID, 'is null'))"),
    ("(cart > 1) | (idle > 2) | paid.is_null()", "any_(is_(CART, '>', 1), is_(IDLE, '>', 2), is_(PAID, 'is null'))"),
    ("(cart > 1) & (idle > 2) | paid.is_null()", "any_(all_(is_(CART, '>', 1), is_(IDLE, '>', 2)), is_(PAID, 'is null'))"),
    ("(cart > 1) & ((idle > 2) | paid.is_null())", "all_(is_(CART, '>', 1), any_(is_(IDLE, '>', 2), is_(PAID, 'is null')))"),
    ("~(cart > 1)", "none(is_(CART, '>', 1))"),
    ("~paid.is_null()", "none(is_(PAID, 'is null'))"),
    ("~((cart > 1) | (idle > 2))", "none(is_(CART, '>', 1), is_(IDLE, '>', 2))"),
    ("~((cart > 1) & (idle > 2))", "none(all_(is_(CART, '>', 1), is_(IDLE, '>', 2)))"),
    ("~~(cart > 1)", "is_(CART, '>', 1)"),
    ("~~((cart > 1) | (idle > 2))", "any_(is_(CART, '>', 1), is_(IDLE, '>', 2))"),
    ("~~((cart > 1) & (idle > 2))", "all_(is_(CART, '>', 1), is_(IDLE, '>', 2))"),
    ("all_of(cart > 1)", "is_(CART, '>', 1)"),
    ("all_of(cart > 1, (idle > 2) & paid.is_null())", "all_(is_(CART, '>', 1), is_(IDLE, '>', 2), is_(PAID, 'is null'))"),
    ("all_of(*[cart > 1, idle > 2])", "all_(is_(CART, '>', 1), is_(IDLE, '>', 2))"),
    ("any_of(cart > 1, idle > 2)", "any_(is_(CART, '>', 1), is_(IDLE, '>', 2))"),
    ("any_of(output)", "any_(output)"),
    ("none_of(cart > 1, idle > 2)", "none(is_(CART, '>', 1), is_(IDLE, '>', 2))"),
    ("none_of(cart > 1, (idle > 2) | paid.is_null())", "none(is_(CART, '>', 1), is_(IDLE, '>', 2), is_(PAID, 'is null'))"),
    # both spellings, mixed
    ("InterventionCriterion(attribute=CART, operator='>', value=1) & (idle > 2)", "all_(is_(CART, '>', 1), is_(IDLE, '>', 2))"),
    ("{'attribute': PLAN, 'operator': 'is null'} | (cart > 1)", "any_({'attribute': PLAN, 'operator': 'is null'}, is_(CART, '>', 1))"),
]  # fmt: skip

NO_TRUTH = "has no truth value in a program: Signals decides it for each visitor."
BRACKETS = "before any comparison. Add parentheses around each comparison:"
CART_1 = 'attribute("shopping:cart_value") > 1'
AND_OR_NOT = f'Write ({CART_1}) & (...) for "and", ({CART_1}) | (...) for "or", ~({CART_1}) for "not".'
RANGE = f'{CART_1} {NO_TRUTH} For a range write ({CART_1}) & (attribute("shopping:cart_value") < ...). {AND_OR_NOT}'
NAMING = "an attribute is written group:attribute, in letters, digits and underscores."

# A line of a program, and what it is told.
WRONG = [
    ("1 < cart < 5", RANGE),
    ("1 < cart < output", RANGE),
    ("(cart > 1) and (idle > 2)", RANGE),
    ("(cart > 1) or (idle > 2)", RANGE),
    ("not cart > 1", RANGE),
    ("5 if cart > 1 else 6", RANGE),
    ("output < cart < 5", 'attribute("shopping:cart_value") > <output> has no truth value in a program: Signals decides it for each visitor. For a range write (attribute("shopping:cart_value") > <output>) & (attribute("shopping:cart_value") < ...). Write (attribute("shopping:cart_value") > <output>) & (...) for "and", (attribute("shopping:cart_value") > <output>) | (...) for "or", ~(attribute("shopping:cart_value") > <output>) for "not".'),
    ("plan in ['free', 'trial']", 'attribute("account:plan") == "free" has no truth value in a program: Signals decides it for each visitor. For one of several values write attribute("account:plan").in_(["free", ...]). Write (attribute("account:plan") == "free") & (...) for "and", (attribute("account:plan") == "free") | (...) for "or", ~(attribute("account:plan") == "free") for "not".'),
    ("plan.is_null() or cart > 1", 'attribute("account:plan").is_null() has no truth value in a program: Signals decides it for each visitor. Write (attribute("account:plan").is_null()) & (...) for "and", (attribute("account:plan").is_null()) | (...) for "or", ~(attribute("account:plan").is_null()) for "not".'),
    ("not ((cart > 1) | (idle > 2))", '(attribute("shopping:cart_value") > 1) | (attribute("shopping:idle") > 2) has no truth value in a program: Signals decides it for each visitor. Write ((attribute("shopping:cart_value") > 1) | (attribute("shopping:idle") > 2)) & (...) for "and", ((attribute("shopping:cart_value") > 1) | (attribute("shopping:idle") > 2)) | (...) for "or", ~((attribute("shopping:cart_value") > 1) | (attribute("shopping:idle") > 2)) for "not".'),
    ("plan in {'free'}", 'attribute("account:plan") cannot be looked up in a set or a dict. Write attribute("account:plan").in_([...]).'),
    ("'fr' in plan", 'Signals has no "in" that searches an attribute. Write attribute("account:plan") == "fr", or for a part of it attribute("account:plan").like("%fr%").'),
    ("paid and cart > 1", 'attribute("account:paid") is not a criterion by itself. Compare it with a value: attribute("account:paid") == True, or attribute("account:paid").is_not_null().'),
    ("not paid", 'attribute("account:paid") is not a criterion by itself. Compare it with a value: attribute("account:paid") == True, or attribute("account:paid").is_not_null().'),
    ("all_of(paid, cart > 1)", 'all_of(attribute("account:paid")): not a criterion. Compare an attribute with a value: attribute("group:attribute") == True, or .is_not_null().'),
    # brackets forgotten
    ("cart > 1 & idle > 2", f'Python reads "&" {BRACKETS} (... 1) & (attribute("shopping:idle") ...).'),
    ("cart > 1 & (idle > 2)", f'Python reads "&" {BRACKETS} (... 1) & (attribute("shopping:idle") > 2).'),
    ("(cart > 1) & idle > 2", f'Python reads "&" {BRACKETS} ({CART_1}) & (attribute("shopping:idle") ...).'),
    ("paid.is_null() & idle > 2", f'Python reads "&" {BRACKETS} (attribute("account:paid").is_null()) & (attribute("shopping:idle") ...).'),
    ("plan == 'free' | paid == True", f'Python reads "|" {BRACKETS} (... "free") | (attribute("account:paid") ...).'),
    ("cart > output & idle > 2", f'Python reads "&" {BRACKETS} (... <output>) & (attribute("shopping:idle") ...).'),
    ("cart & idle", f'Python reads "&" {BRACKETS} (attribute("shopping:cart_value") ...) & (attribute("shopping:idle") ...).'),
    ("cart > output & (idle > 2)", 'attribute("shopping:cart_value") is compared with a whole criterion, <output> & (attribute("shopping:idle") > 2). Add parentheses around each comparison: (attribute("shopping:cart_value") ...) & (...).'),
    ("~cart > 1", 'Python reads "~" before any comparison. Add parentheses around the comparison: ~(attribute("shopping:cart_value") ...).'),
    ("plan.is_null & (cart > 1)", "is_null is not called: write .is_null(), with parentheses."),
    # what is no value
    ("plan == None", 'attribute("account:plan") == None: Signals cannot compare with null. Write attribute("account:plan").is_null().'),
    ("plan != None", 'attribute("account:plan") != None: Signals cannot compare with null. Write attribute("account:plan").is_not_null().'),
    ("plan == ['free', 'trial']", 'attribute("account:plan") == ["free", "trial"]: a list is not a single value. Write attribute("account:plan").in_(["free", "trial"]).'),
    ("plan != ['free']", 'attribute("account:plan") != ["free"]: a list is not a single value. Write attribute("account:plan").not_in(["free"]).'),
    ("cart > idle", 'attribute("shopping:cart_value") > attribute("shopping:idle"): Signals compares an attribute with a value, not with another attribute. Write attribute("shopping:cart_value") > 75, or compute the difference as an attribute of its own.'),
    ("cart == cart", 'attribute("shopping:cart_value") == attribute("shopping:cart_value"): Signals compares an attribute with a value, not with another attribute. Write attribute("shopping:cart_value") == 75, or compute the difference as an attribute of its own.'),
    ("paid > True", 'attribute("account:paid") > True: only numbers and strings have an order. Write attribute("account:paid") == True.'),
    ("plan.in_('free')", 'attribute("account:plan").in_("free"): expected a list of values. Write attribute("account:plan").in_(["free"]).'),
    ("cart.not_in(5)", 'attribute("shopping:cart_value").not_in(5): expected a list of values. Write attribute("shopping:cart_value").not_in([5]).'),
    ("plan.in_([])", 'attribute("account:plan").in_([]): an empty list matches nothing, and Signals needs at least one value.'),
    ("plan.in_([1, 'free'])", 'attribute("account:plan").in_([1, "free"]): all items of a list must be strings, or all numbers, or all booleans.'),
    ("plan.in_([1, True])", 'attribute("account:plan").in_([1, True]): all items of a list must be strings, or all numbers, or all booleans.'),
    ("plan.in_(['free', None])", 'attribute("account:plan").in_(["free", None]): None is not a valid value for a criterion; expected a string, number or boolean.'),
    ("plan.in_({'trial', 'free'})", 'attribute("account:plan").in_({"free", "trial"}): the order of a set changes from run to run. Write attribute("account:plan").in_(["free", "trial"]).'),
    ("plan.like(5)", 'attribute("account:plan").like(5): a pattern must be a string. Write attribute("account:plan").like("5").'),
    ("plan.rlike(None)", 'attribute("account:plan").rlike(None): Signals cannot compare with null. Write attribute("account:plan").is_null().'),
    ("cart > {}", 'attribute("shopping:cart_value") > {}: dict is not a valid value for a criterion; expected a string, number or boolean.'),
    ("cart == float('nan')", 'attribute("shopping:cart_value") == nan: that is not a finite number. Attributes cannot be compared with it.'),
    ("cart > 2**53 + 1", 'attribute("shopping:cart_value") > 9007199254740993: that is an integer beyond 2^53, which would lose digits. Use a smaller number or a string.'),
    ("cart.in_([1, 2**60])", 'attribute("shopping:cart_value").in_([1, 1152921504606846976]): that is an integer beyond 2^53, which would lose digits. Use a smaller number or a string.'),
    # names
    ("attribute('cart_value')", f'attribute("cart_value"): {NAMING} Write attribute("group:cart_value").'),
    ("attribute('shopping.cart_value')", f'attribute("shopping.cart_value"): {NAMING} Write attribute("shopping:cart_value").'),
    ("attribute('shopping:cart_value\\n')", f'attribute("shopping:cart_value\\n"): {NAMING} Write attribute("shopping:cart_value").'),
    ("attribute('')", f'attribute(""): {NAMING} Write attribute("shopping:cart_value").'),
    ("attribute(5)", f'attribute(5): {NAMING} Write attribute("shopping:cart_value").'),
    # functions
    ("all_of()", 'all_of() needs at least one criterion: write all_of(attribute("group:attribute") > 1, ...).'),
    ("any_of([cart > 1, idle > 2])", "any_of takes criteria as separate arguments: write any_of(*criteria) for a list."),
    ("none_of(True)", 'none_of(True): not a criterion. Compare an attribute with a value: attribute("group:attribute") == True, or .is_not_null().'),
]  # fmt: skip


def names() -> dict[str, Any]:
    """What a line of the table may use. Outputs need the event loop that runs."""
    return {
        **globals(),
        "cart": attribute(CART),
        "idle": attribute(IDLE),
        "plan": attribute(PLAN),
        "paid": attribute(PAID),
        "output": pulumi.Output.from_input(75),
    }


def written(*lines: str) -> list[Any]:
    """Evaluate lines of a program, which all see the same output."""

    async def program() -> list[Any]:
        scope = names()
        return [eval(line, scope) for line in lines]

    return asyncio.run(program())


@pytest.mark.parametrize(("line", "criteria"), RIGHT, ids=[line for line, _ in RIGHT])
def test_gives_the_stated_criteria(line: str, criteria: str) -> None:
    """An expression gives an object equal to that of the classes, in the shape stated."""
    given, expected = written(line, criteria)
    assert given == expected
    assert type(given) is type(expected)


@pytest.mark.parametrize(("line", "sentence"), WRONG, ids=[line for line, _ in WRONG])
def test_says_what_to_write_instead(line: str, sentence: str) -> None:
    """A misuse raises a sentence with the corrected line."""
    with pytest.raises(InputFault) as raised:
        written(line)
    assert str(raised.value) == sentence


def test_every_name_in_the_table_is_used() -> None:
    """The functions that join are those of the table, so that none goes untested."""
    lines = " ".join(line for line, _ in RIGHT)
    assert all(f"{function.__name__}(" in lines for function in (all_of, any_of, none_of, attribute))


def test_every_operator_in_the_table_is_used() -> None:
    """Each operator can be written as an expression."""
    stated = " ".join(criteria for _, criteria in RIGHT)
    assert {operator for operator in OPERATORS if f"'{operator}'" not in stated} == set()


CRITERIA = [line for line, criteria in RIGHT if criteria.startswith("is_(") and "output" not in criteria]


@pytest.mark.parametrize("line", CRITERIA)
def test_is_shown_as_a_line_that_gives_it_again(line: str) -> None:
    """Where a message shows a criterion as an expression, that expression gives the same criterion."""
    (given,) = written(line)
    assert written(as_code(given)) == [given]
