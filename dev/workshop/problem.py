"""The one exception of the workshop."""


class Problem(Exception):
    """Something the reader can mend: one line that says what is wrong, and one
    remedy."""

    def __init__(self, what: str, remedy: str):
        super().__init__(f"{what} -> {remedy}")
        self.what = what
        self.remedy = remedy
