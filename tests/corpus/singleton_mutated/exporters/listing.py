from exporters.registry import REGISTRY


def listing(registry=REGISTRY):
    return ", ".join(sorted(registry.formats))
