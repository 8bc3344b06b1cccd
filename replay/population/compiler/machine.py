"""Instructions of LLVM as a file of machine code, and such a file as a function that can be called.

A call holds no lock: threads run side by side.
"""

import ctypes
from collections.abc import Callable
from typing import Any

from llvmlite import binding

from replay.population.compiler.names import ENTRY


def target() -> Any:
    """The machine that this runs on; whoever loads code takes it over."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding.Target.from_triple(binding.get_process_triple()).create_target_machine(
        cpu=binding.get_host_cpu_name(),
        features=binding.get_host_cpu_features().flatten(),
        opt=3,
        codemodel="jitdefault",
        jit=True,
    )


def described() -> str:
    """What machine code depends on beside its source."""
    features = binding.get_host_cpu_features().flatten()
    return f"{binding.llvm_version_info} {binding.get_host_cpu_name()} {features}"


def compiled(instructions: str) -> bytes:
    """The object file of a module."""
    machine = target()
    return bytes(machine.emit_object(optimised(instructions, machine)))


def optimised(instructions: str, machine: Any, hidden: str = "") -> Any:
    """A module for a machine; the function `hidden` is called from within it alone."""
    module = binding.parse_assembly(instructions)
    module.triple = machine.triple
    module.data_layout = str(machine.target_data)
    module.verify()
    if hidden:
        module.get_function(hidden).linkage = "internal"
    options = binding.create_pipeline_tuning_options(speed_level=3)
    options.loop_unrolling = options.loop_vectorization = options.slp_vectorization = False
    passes = binding.create_pass_builder(machine, options)
    passes.getModulePassManager().run(module, passes)
    return module


class Loaded:
    """The ENTRY of an object file; callable for as long as this lives."""

    def __init__(self, code: bytes) -> None:
        self._engine = binding.create_mcjit_compiler(binding.parse_assembly(""), target())
        self._engine.add_object_file(binding.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        self.address = self._engine.get_function_address(ENTRY)
        kind = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)
        self.call: Callable[[int], int] = kind(self.address)
