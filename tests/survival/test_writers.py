"""Six hundred writes of the same rows at once, from web and worker: none is refused."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import serving

ROOT = Path(__file__).resolve().parent.parent.parent
WRITES, PROCESSES = 300, 2

# Read, change, write: what fails if the transaction does not have the lock from its beginning.
WRITER = """
import sys
import django
django.setup()
from concurrent.futures import ThreadPoolExecutor
from django.db import OperationalError, transaction
from compliance.models import Customer

def write(number):
    try:
        with transaction.atomic():
            customer = Customer.objects.get(name="Acme GmbH")
            customer.time_zone = str(int(customer.time_zone) + 1)
            customer.save(update_fields=["time_zone"])
        return ""
    except OperationalError as error:
        return str(error)

print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(4) as pool:
    errors = [error for error in pool.map(write, range(int(sys.argv[1]))) if error]
print(len(errors), errors[:1])
"""
BEFORE = (
    "from compliance.models import Customer as C; C.objects.create(name='Acme GmbH', time_zone='0')"
)
AFTER = "from compliance.models import Customer; print(Customer.objects.get().time_zone)"


@pytest.mark.processes
def test_three_hundred_and_three_hundred_writes_at_once_are_all_made(tmp_path: Path) -> None:
    env = {
        **os.environ,
        "DATABASE_URL": serving.fresh_database("sqlite", tmp_path),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    serving.manage(env, "shell", "--no-imports", "-c", BEFORE)
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(WRITES)],
            cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(PROCESSES)
    ]  # fmt: skip
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    with ThreadPoolExecutor(PROCESSES) as pool:
        said = list(pool.map(lambda writer: writer.communicate("go\n")[0].strip(), writers))
    assert said == ["0 []"] * PROCESSES
    made = serving.manage(env, "shell", "--no-imports", "-c", AFTER).strip()
    assert made == str(WRITES * PROCESSES)
