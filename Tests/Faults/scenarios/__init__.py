# SPDX-License-Identifier: MIT
"""The scenarios, in the order in which they are played."""
from scenarios import clock, database, disk, kill, network, poison

ALL = {
    "kill": kill, "database": database, "disk": disk, "clock": clock, "network": network, "poison": poison}
