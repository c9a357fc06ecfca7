"""Every case of the sample of compliance decisions, by the shipped presets."""

import pytest
from compliance_cases import SAMPLE, differences, read_cases

CASES = read_cases(SAMPLE) if SAMPLE.exists() else []


@pytest.mark.skipif(not CASES, reason=f"{SAMPLE.name} is not here")
@pytest.mark.parametrize("row", CASES, ids=lambda row: row["id"])
def test_case(row):
    """The decision logic answers what the case expects."""
    assert differences(row) == {}
