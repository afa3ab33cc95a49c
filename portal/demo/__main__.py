"""Starts the demo and says where to go."""

import json
import sys

from portal.demo.place import Place, Trouble, chosen_folder, chosen_place
from portal.demo.programs import Ending, Programs


def main() -> int:
    programs: Programs | None = None
    try:
        place = chosen_place(chosen_folder())
        place.prepare()
        programs = Programs(place.environment(), place.folder / "log", say)
        programs.end_on_signals()
        run(place, programs)
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return 1
    except Ending:
        say("\nEnding the demo ...")
    finally:
        if programs is not None:
            programs.end()
    say('It has ended. "make demo" goes on where it ended.')
    return 0


def run(place: Place, programs: Programs) -> None:
    """Comes back only by an exception."""
    say("Starting the demo ...")
    state = str(place.folder / "sandbox.json")
    sandbox = programs.start(
        "sandbox", "manage.py", "sandbox", "--port", str(place.sandbox_port), "--state", state
    )
    prepare = ("manage.py", "prepare_demo")
    links = programs.finish("prepare its database and customers", *prepare, beside=sandbox)
    gunicorn = ("-m", "gunicorn", "--config", "python:portal.gunicorn", "portal.wsgi")
    programs.start("web server", *gunicorn, page=f"{place.url}/sign-in/")
    if programs.env.get("REDIS_URL"):
        celery = ("-m", "celery", "--app", "portal")
        worker = ("worker", "--concurrency", "2", "--without-gossip", "--without-mingle")
        programs.start("worker", *celery, *worker)
        programs.start("timetable", *celery, "beat")
    say(where_to_go(place, json.loads(links)))
    programs.look_after()


def where_to_go(place: Place, links: list[dict[str, str]]) -> str:
    customers = [link for link in links if link["customer"]]
    staff = [link for link in links if not link["customer"]]
    lines = [
        "",
        f"The portal    {place.url}/",
        "              To be one of its customers, open the link:",
    ]
    for link in customers:
        lines += [
            f"              {link['customer']} ({link['name']})",
            f"                {link['url']}",
        ]
    lines += ["", f"The admin     {place.url}/admin/"]
    for link in staff:
        lines += [f"              {link['name']}", f"                {link['url']}"]
    lines += [
        "",
        f"The mails     {place.url}/demo/mails/      every mail that the portal sends",
        f"The sandbox   {place.sandbox_url}/            stands in for Twilio: be the reviewer",
        f"The logs      {place.folder / 'log'}",
        "",
        "Each link works once, for a day. Ctrl-C ends the demo; make demo-reset forgets it.",
    ]
    return "\n".join(lines)


def say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    sys.exit(main())
