"""Import contract: a domain's private modules are imported only from inside that domain."""

from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class OwnDomainContract(Contract):
    root = fields.StringField()
    private = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        private = cast("set[str]", self.private)
        leaks = [
            (importer, module)
            for module in sorted(graph.modules)
            if module.startswith(f"{self.root}.") and module.rpartition(".")[2] in private
            for importer in sorted(graph.find_modules_that_directly_import(module))
            if not importer.startswith(module.rpartition(".")[0] + ".")
        ]
        return ContractCheck(kept=not leaks, metadata={"leaks": leaks})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, module in check.metadata["leaks"]:
            output.print_error(f"{importer} reaches into {module}; call that domain's service.")
