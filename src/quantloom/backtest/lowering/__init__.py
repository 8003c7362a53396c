"""A strategy's callback as machine code: lowered to plain code over numbers, compiled, driven.

- `sources` finds the source of a method, `scope` knows what is known while it is lowered, `values`
  what an expression may come to.
- `expressions`, `arithmetic`, `calling`, `ordering` and `statements` lower what their names say.
- `program` makes one text of it all, `building` compiles that, `kernels` has what it calls and the
  loop that calls it.
- `refusals` says what cannot be compiled.

Nothing imports these modules before a run asks for them; `building` and `kernels` load numba.
"""

__all__ = ()
