"""Can one completion be had, its input messages, and an honest answer for one that is not there?"""

from __future__ import annotations

from dashboard.conversation import NO_ROUTE, are_answers
from dashboard.doctor.findings import Verdict
from dashboard.doctor.patient import Patient
from dashboard.upstream.errors import NoSuchRoute, NotFound, Refused, ServerFault
from dashboard.upstream.records import Completion, Message

UNKNOWN = "chatcmpl-doctor-asks-for-what-nobody-has"
ONE = "One completion is needed for it."


def completion(patient: Patient) -> Verdict:
    row = next((row for row in patient.rows if row.addressable), None)
    if row is None:
        return Verdict("skipped", ONE)
    try:
        found = patient.retrieve(row.id)
    except NotFound:
        words = f"The list names {row.id}, but alone it is not found."
        return Verdict("fault", words, "Try again: it may have been deleted, or have expired, in between.")
    if found.id != row.id:
        return Verdict("fault", f"Asked for {row.id}, it sent another completion.", "No page shows what it names.")
    patient.completion = found
    return Verdict("ok", f"{row.id} came with {len(found.body) / 1000:.1f} kB.")


def messages(patient: Patient) -> Verdict:
    """With a page size of one, so that most conversations have a second page."""
    one = patient.completion
    if one is None:
        return Verdict("skipped", ONE)
    inside = one.input_messages is not None
    try:
        page = patient.messages = patient.list_messages(one.id, limit=1)
    except NoSuchRoute:
        where = " They come inside of each completion instead." if inside else f" {NO_ROUTE}"
        return Verdict("ok" if inside else "note", f"There is no route for messages.{where}")
    except NotFound:
        return Verdict("note", f"The API has no messages for {one.id}.", "Its page shows the output only.")
    if not page.items:
        return Verdict("note", f"The list of the input messages of {one.id} is empty.")
    if not page.has_more:
        return _judged(one, page.items)
    return Verdict("ok", "The first one came, as asked for, and there are more.")


def more_messages(patient: Patient) -> Verdict:
    one, first = patient.completion, patient.messages
    if one is None or first is None or not first.has_more:
        return Verdict("skipped", "A completion with several pages of messages is needed for it.")
    if not first.items or not first.next_after:
        return Verdict("fault", "The API says that there are more messages, but gives no cursor to go on from.")
    rest = patient.list_messages(one.id, limit=100, after=first.next_after).items
    if {message.id for message in first.items} & {message.id for message in rest} - {""}:
        return Verdict("fault", "The cursor is ignored: the first message came once more.")
    if not rest:
        return Verdict("fault", "The API says that there are more messages, but nothing came after the first.")
    return _judged(one, (*first.items, *rest))


def _judged(one: Completion, found: tuple[Message, ...]) -> Verdict:
    if are_answers(one, found):
        words = "The answer is listed where the input should be: this server does not keep the input."
        return Verdict("note", words, "The page of a completion says so, too.")
    return Verdict("ok", f"{len(found)} {'message' if len(found) == 1 else 'messages'} came.")


def unknown_id(patient: Patient) -> Verdict:
    try:
        patient.retrieve(UNKNOWN)
    except NotFound as error:
        return Verdict("ok", f"It answered {error.upstream_status} and says that it has no such completion.")
    except (Refused, ServerFault) as error:
        words = f"It answered {error.upstream_status} for a completion that it does not have."
        return Verdict("note", words, f"The page of one that is gone will say: {error.headline}.")
    words = "It sent a completion for an id that nobody has."
    return Verdict("note", words, "This may be a server with fixed answers, such as a mock.")


COMPLETION_CHECKS = {
    "completion": completion,
    "messages": messages,
    "more messages": more_messages,
    "unknown id": unknown_id,
}
