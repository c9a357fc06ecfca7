"""Metrics against published examples, buckets against their definition."""

from odoo.tests import BaseCase

from odoo.addons.debt_collection.tools import buckets, metrics


class TestToolsMetrics(BaseCase):
    def test_countback(self):
        """212,000 open; 100,000, 80,000 and 70,000 sold in months of 30 days: 73.7 days."""
        months = [(100_000, 30), (80_000, 30), (70_000, 30)]
        self.assertAlmostEqual(metrics.dso_countback(212_000, months), 73.7, 1)
        self.assertAlmostEqual(metrics.dso(212_000, 250_000, 90), 76.3, 1)

    def test_countback_borders(self):
        """Nothing open, exactly a month, more than all months, a month without sales, none."""
        months = [(100, 30), (0, 28), (50, 31)]
        for open_amount, days in ((0, 0), (50, 15), (100, 30), (125, 73.5), (150, 89), (200, 120)):
            with self.subTest(open=open_amount):
                self.assertAlmostEqual(metrics.dso_countback(open_amount, months), days)
        self.assertIsNone(metrics.dso_countback(100, [(0, 30)]))
        self.assertIsNone(metrics.dso_countback(100, []))

    def test_average_days_delinquent(self):
        """15,000 open, 4,000 of it not due, 10,000 sold in 30 days: 45 − 12 = 33."""
        total, best = metrics.dso(15_000, 10_000, 30), metrics.best_possible_dso(4_000, 10_000, 30)
        self.assertEqual((total, best), (45.0, 12.0))
        self.assertEqual(metrics.average_days_delinquent(total, best), 33.0)
        self.assertIsNone(metrics.average_days_delinquent(None, 3))

    def test_collection_effectiveness(self):
        """Both variants on the same quarter: 55.9 % and 79.6 %."""
        figures = (6_200, 10_890, 6_340, 3_590)
        average = metrics.collection_effectiveness(*figures, months=3)
        self.assertAlmostEqual(average, 3_490 / 6_240)
        self.assertAlmostEqual(average, 0.559, 3)
        whole = metrics.collection_effectiveness(*figures)
        self.assertAlmostEqual(whole, 10_750 / 13_500)
        self.assertAlmostEqual(whole, 0.796, 3)

    def test_expected_receipts(self):
        """Three items by the probability of on time, late, very late: 610, 750, 9,740."""
        items = [
            (100, (0.10, 0.50, 0.40)),
            (1_000, (0.50, 0.30, 0.20)),
            (10_000, (0.01, 0.04, 0.95)),
        ]
        expected = metrics.expected_receipts(items)
        for amount, published in zip(expected, (610, 750, 9_740), strict=True):
            self.assertAlmostEqual(amount, published)

    def test_provision(self):
        """Provision matrices of two published examples."""
        total = metrics.provision(
            (7_000_000, 4_000_000, 2_500_000, 1_000_000), (0.015, 0.034, 0.071, 0.108)
        )
        self.assertAlmostEqual(total, 526_500)
        for balance, rate, allowance in (
            (15_000, 0.005, 75),
            (7_500, 0.022, 165),
            (4_000, 0.027, 108),
        ):
            self.assertAlmostEqual(metrics.provision([balance], [rate]), allowance)

    def test_loss_rates(self):
        """Of 100,000 sold 3,000 are lost: 3, 3.75, 6.67 and 20 % of what reached the buckets."""
        rates = metrics.loss_rates(100_000, (20_000, 55_000, 85_000), 3_000)
        for rate, published in zip(rates, (0.03, 0.0375, 0.0667, 0.20), strict=True):
            self.assertAlmostEqual(rate, published, 4)

    def test_roll(self):
        """Of 1,000,000 in one bucket 200,000 are in the next a month later: 20 %."""
        pairs = [(1, 200_000, 2, 200_000), (1, 500_000, 1, 500_000), (1, 300_000, None, 0)]
        matrix = metrics.roll_matrix(pairs, 3)
        self.assertEqual(matrix[1], [0.0, 0.5, 0.2, 0.3])
        self.assertIsNone(matrix[0])
        self.assertIsNone(metrics.flow_to_loss(matrix, 0))
        self.assertEqual(metrics.flow_to_loss(matrix, 1), 0.2)

    def test_roll_of_part_paid(self):
        """What was paid of an item is settled, what is left rolls; never more than there was."""
        matrix = metrics.roll_matrix([(0, 100, 1, 40), (1, 50, 2, 80)], 3)
        self.assertEqual(matrix[0], [0.0, 0.4, 0.0, 0.6])
        self.assertEqual(matrix[1], [0.0, 0.0, 1.0, 0.0])

    def test_cure(self):
        """Settled in full, or not due any more: cured; part paid: not."""
        pairs = [
            (1, 100, None, 0),
            (2, 50, 0, 50),
            (1, 30, 1, 10),
            (3, 20, 4, 20),
            (0, 999, 1, 999),
        ]
        self.assertAlmostEqual(metrics.cure_rate(pairs), 150 / 200)
        self.assertIsNone(metrics.cure_rate([(0, 10, None, 0)]))

    def test_rates(self):
        """Promises, contacts, progress: by their formulas; nothing to divide by: no value."""
        self.assertEqual(metrics.kept_rate(6, 1, 3), 0.6)
        self.assertEqual(metrics.kept_rate_amount(700, 1_000), 0.7)
        self.assertEqual(metrics.collection_progress(30 * 10, 100 * 10), 0.3)
        self.assertEqual(metrics.right_party_rate(25, 100), 0.25)
        self.assertEqual(metrics.delinquency(250, 1_000), 0.25)
        for rate in (metrics.delinquency, metrics.recovery_rate, metrics.item_effectiveness):
            self.assertIsNone(rate(5, 0))

    def test_buckets(self):
        """Every age has one column, in Python as in PostgreSQL; ranges follow each other."""
        self.assertEqual(buckets.get_thresholds((30, 60)), [1, 31, 61])
        self.assertEqual(buckets.get_thresholds((30, 60), "invoice"), [31, 61])
        self.assertEqual(buckets.get_ranges((30, 60)), [(None, 0), (1, 30), (31, 60), (61, None)])
        self.assertEqual(buckets.get_ranges((30,), "invoice"), [(0, 30), (31, None)])
        for basis in buckets.BASES:
            ranges = buckets.get_ranges((30, 60, 90), basis)
            for age in (-5, 0, 1, 30, 31, 60, 61, 90, 91, 4000):
                first, last = ranges[buckets.get_bucket(age, (30, 60, 90), basis)]
                if basis == "due" or age >= 0:
                    self.assertTrue(first is None or age >= first)
                self.assertTrue(last is None or age <= last)
        for limits in ((), (0,), (30, 20), (30, 30), ("x",), range(1, 20)):
            with self.subTest(limits=limits), self.assertRaises(ValueError):
                buckets.check_limits(limits)
