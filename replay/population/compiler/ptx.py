"""Instructions of LLVM as PTX, which NVIDIA's driver assembles for the device that it finds.

Neither a device nor CUDA's toolkit is needed to write it. Generic intrinsics that PTX has nothing
for, such as `llvm.prefetch`, are left out by LLVM itself.
"""

from llvmlite import binding

from replay.population.compiler.machine import optimised
from replay.population.compiler.names import ENTRY, GRID

TRIPLE = "nvptx64-nvidia-cuda"
OLDEST, VERSION = "sm_80", "+ptx70"
"""What is written runs on any later device too, and with any driver from CUDA 11 on."""
KERNEL = f"""
define ptx_kernel void @{GRID}(ptr %rows, ptr %list) {{
  %block = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %blocks = call i32 @llvm.nvvm.read.ptx.sreg.nctaid.x()
  %size = call i32 @llvm.nvvm.read.ptx.sreg.ntid.x()
  %within = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %before = mul i32 %block, %size
  %number = add i32 %before, %within
  %count = mul i32 %blocks, %size
  %thread = zext i32 %number to i64
  %threads = zext i32 %count to i64
  %unused = call i64 @{ENTRY}(ptr %rows, ptr %list, i64 %thread, i64 %threads)
  ret void
}}
declare i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.nctaid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.ntid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
"""
"""Calls a root that takes rows, a list, its thread's number, and how many threads there are."""


def ptx(instructions: str) -> bytes:
    """The text of a module with GRID to be launched, and a zero, as the driver wants it."""
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    target = binding.Target.from_triple(TRIPLE)
    machine = target.create_target_machine(cpu=OLDEST, features=VERSION, opt=3)
    module = optimised(instructions + KERNEL, machine, hidden=ENTRY)
    text: str = machine.emit_assembly(module)
    return text.encode() + b"\0"
