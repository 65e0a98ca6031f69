"""The variables of published datasets: kept one by one, and searched across datasets."""
