"""What people who look for data want to know of those who hold it."""
