"""The main job, walked over HTTP through the gateway only: from a roster to a credit statement across six services."""

from cec_local.demo.walk import walk

__all__ = ["walk"]
