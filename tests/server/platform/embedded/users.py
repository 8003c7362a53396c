"""Acting as somebody else in tests that root runs."""


def as_ordinary_user() -> tuple[str, ...]:
    """The beginning of a command: become nobody, who may still read an interpreter of root's."""
    return (
        *("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
        *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
    )
