import pytest

from till.receipt import print_receipt, total


@pytest.mark.parametrize(("cents", "price"), [([], "0.00"), ([5], "0.05"), ([199, 1], "2.00")])
def test_total(cents, price):
    assert total(cents) == price


def test_receipts_are_added(tmp_path):
    print_receipt([100], tmp_path / "receipts")
    print_receipt([250], tmp_path / "receipts")
    assert (tmp_path / "receipts").read_text() == "1.00\n2.50\n"
