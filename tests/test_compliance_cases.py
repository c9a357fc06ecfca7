"""Every case of the sample of compliance decisions, by the shipped presets."""

import pytest
from compliance_cases import SAMPLE, differences, read_cases

# The sample lies beside the repository; where it is absent there is nothing to test.
if SAMPLE.exists():

    @pytest.mark.parametrize("row", read_cases(SAMPLE), ids=lambda row: row["id"])
    def test_case(row):
        """The decision logic answers what the case expects."""
        assert differences(row) == {}
