"""From research questions to datasets: criteria, fit, coverage of core outcome sets."""
