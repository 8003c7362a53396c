"""A strategy's callback, lowered to plain code over numbers, compiled and driven."""
