"""What can be wrong with a rule."""


class RuleError(ValueError):
    """A rule that cannot be applied as it is written.

    :param template: words for a person, with ``%(name)s`` for each value
    :param values: the values by name
    """

    def __init__(self, template: str, **values: object) -> None:
        super().__init__(template % values if values else template)
        self.template = template
        self.values = values
