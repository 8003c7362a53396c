import json
from datetime import date

import pytest

from quantloom.market import Product, find_product
from quantloom.market.rulebook import rule_book
from quantloom_server.instruments.contracts import contracts_on, end_of
from tests.shared_data import SHARED, needs_shared

LISTING_DAY = date(2022, 3, 21)


def product_of(code: str) -> Product:
    product = find_product(code)
    assert product is not None
    return product


def codes_on(code: str, day: date) -> list[str]:
    return [one.symbol for one in contracts_on(product_of(code), day, rule_book())]


def test_a_contract_is_listed_until_the_end_of_its_last_day() -> None:
    assert codes_on("IF", date(2026, 3, 20))[0] == "IF2603.CFFEX"
    assert codes_on("IF", date(2026, 3, 21))[0] == "IF2604.CFFEX"


def test_an_index_future_has_two_months_and_two_quarters() -> None:
    assert codes_on("IF", date(2026, 3, 2)) == [
        "IF2603.CFFEX",
        "IF2604.CFFEX",
        "IF2606.CFFEX",
        "IF2609.CFFEX",
    ]


def test_no_months_are_made_up_for_a_product_whose_months_no_source_tells() -> None:
    assert codes_on("lc", date(2026, 3, 2)) == []


def test_an_end_beyond_the_published_holidays_is_called_an_estimate() -> None:
    near = end_of(product_of("rb"), date(2024, 5, 1), rule_book())
    far = end_of(product_of("rb"), date(2090, 5, 1), rule_book())

    assert near is not None
    assert far is not None
    assert (near.last_day, near.is_estimate) == (date(2024, 5, 15), False)
    assert far.is_estimate


@needs_shared
def test_the_contracts_of_a_day_are_those_that_the_exchanges_had_listed() -> None:
    text = (SHARED / "data/reference/cn_futures_contracts.json").read_text("gb18030")
    differing = []
    for rows in json.loads(text).values():
        real = {one["product"]: set[str]() for one in rows.values()}
        for name, one in rows.items():
            if len(name) < 9:  # an exchange combination is longer
                month = name.removeprefix(one["product"])
                real[one["product"]].add(month if len(month) == 4 else f"2{month}")
        for code, months in real.items():
            ours = {one.removeprefix(code)[:4] for one in codes_on(code, LISTING_DAY)}
            if ours != months:
                differing.append(code)

    assert differing == []


@pytest.mark.parametrize("code", ["rb", "TA", "IF", "sc"])
def test_contracts_come_in_the_order_of_their_ends(code: str) -> None:
    contracts = contracts_on(product_of(code), date(2026, 3, 2), rule_book())

    assert [one.last_day for one in contracts] == sorted({one.last_day for one in contracts})
