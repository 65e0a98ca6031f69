"""Who people are, for whom they speak, and what they may do."""
