"""What can happen: the types of facts, their envelope, and how they are read and written."""
