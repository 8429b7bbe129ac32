"""A command as `wasmtime run` takes it: prints the double of its argument."""

from wit_world import exports
from wit_world.imports import environment


class Run(exports.Run):
    def run(self):
        print(2 * int(environment.get_arguments()[1]))
