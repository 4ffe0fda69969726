"""Invented names and numbers, and the metadata that callers attach."""

from random import Random

PEOPLE = (
    "Amara Okafor", "Jonas Lindqvist", "Priya Raman", "Tomasz Wilk", "Elif Demir", "Mateo Quiroga", "Hana Sato",
    "Noor Haddad", "Freya Halvorsen", "Kwame Boateng", "Lucia Ferrante", "Owen Prichard", "Mei-Ling Zhou",
    "Sofia Marek", "Idris Bello", "Carla Nunes", "Anton Vesely", "Ruth Adler", "Dmitri Sokol", "Beatriz Lago",
)  # fmt: skip
COMPANIES = (
    "Halvorsen & Lind", "Kestrel Freight", "Tamarind Labs", "Northgate Mutual", "Ostrava Ceramics", "Bluefin Dental",
    "Marlow Print Works", "Saltmarsh Energy", "Quillon Books", "Verdant Rail", "Pinecrest Clinics", "Orbis Tools",
)  # fmt: skip
PRODUCTS = (
    "Alder walking stick",
    "Fjordlight lantern",
    "Pico travel kettle",
    "Tern rain jacket",
    "Basalt camp stove",
    "Heron dry bag",
    "Moss sleeping mat",
    "Quartz head torch",
    "Lark two-person tent",
    "Cedar wool blanket",
    "Ridge backpack 38 l",
    "Otter swim mask",
)
FABRICS = ("Tern rain jacket", "Moss sleeping mat", "Cedar wool blanket", "Lark two-person tent")
BAGS = ("Heron dry bag", "Ridge backpack 38 l", "Plover hip bag")  # fmt: skip
CITIES = (
    "Utrecht", "Gdansk", "Porto", "Leeds", "Turku", "Graz", "Bilbao", "Cork", "Aarhus", "Lyon", "Brno", "Trieste",
)  # fmt: skip
CARRIERS = ("Kestrel Freight", "Swiftpost", "Harbour Line")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
SERVICES = ("checkout-api", "search-index", "image-resizer", "invoice-worker", "login-gateway", "mail-relay")
RELEASES = ("2026.07.2", "2026.08.0", "2026.08.1", "2026.08.1-rc3")
_ENVIRONMENTS = ("prod", "prod", "prod", "prod", "prod", "staging", "staging", "dev")


def facts(dice: Random) -> dict[str, str]:
    """Values for the placeholders of a text: who, what, where, how much."""
    person, colleague = dice.sample(PEOPLE, 2)
    product, other = dice.sample(PRODUCTS, 2)
    return {
        "name": person,
        "first": person.split()[0],
        "colleague": colleague,
        "agent": colleague.split()[0],
        "company": dice.choice(COMPANIES),
        "product": product,
        "other": other,
        "fabric": dice.choice(FABRICS),
        "bag": dice.choice(BAGS),
        "city": dice.choice(CITIES),
        "carrier": dice.choice(CARRIERS),
        "day": dice.choice(WEEKDAYS),
        "service": dice.choice(SERVICES),
        "order": f"BW-{dice.randrange(40_000, 99_999)}",
        "amount": f"{dice.randrange(9, 240)}.{dice.choice(('00', '50', '90', '95'))}",
        "count": str(dice.randrange(2, 9)),
        "percent": str(dice.randrange(4, 38)),
        "ticket": f"T-{dice.randrange(1_000, 9_999)}",
    }


def tags(dice: Random, flow: str, **more: str) -> dict[str, str]:
    """Metadata of a caller that tags its requests: always env and flow, sometimes release, team or user."""
    found = {"env": dice.choice(_ENVIRONMENTS), "flow": flow} | more
    if dice.random() < 0.5:
        found["release"] = dice.choice(RELEASES)
    if dice.random() < 0.4:
        found["user"] = f"u_{dice.randrange(1_000, 9_999)}"
    return found
