"""What the messages say, per language. A language that is not here gets English."""

from __future__ import annotations

FALLBACK = "en"

# kind: (subject, what happened, as a sentence or two)
MESSAGES = {
    "en": {
        "order.confirmed": (
            "Your order {order} is confirmed",
            "Good news: the following is set aside for you and will be sent.",
        ),
        "order.on_hold": (
            "Your order {order} needs a closer look",
            "We are checking a detail of your order and will be in touch. Nothing is lost.",
        ),
        "order.rejected": (
            "We cannot accept your order {order}",
            "We are sorry: we cannot accept this order. What you paid for it goes back to you.",
        ),
        "order.partly_backordered": (
            "Part of your order {order} will come later",
            "Some of your order is set aside for you; the rest follows as soon as we have it.",
        ),
        "order.backordered": (
            "Your order {order} will take longer",
            "What you ordered is not in stock at the moment. We will send it as soon as we can.",
        ),
        "order.unfulfillable": (
            "Something is missing from your order {order}",
            "We are sorry: we cannot supply the following, and will not charge you for it.",
        ),
        "order.scheduled": (
            "Your order {order} is scheduled",
            "Your order is with us. We will set it aside when its time comes.",
        ),
        "order.delayed": (
            "Your order {order} will arrive later than we said",
            "We are sorry: it takes longer than we told you.",
        ),
        "order.review_needed": (
            "Order {order} needs a review",
            "This order waits for a person. What was noticed:",
        ),
        "order.at_risk": (
            "Order {order} has units that cannot be used",
            "What is reserved for this order cannot all be sent. What was noticed:",
        ),
        "order.surplus": (
            "More has left for order {order} than was ordered",
            "More was sent, or cancelled, than this order asks for. What was noticed:",
        ),
    },
    "de": {
        "order.confirmed": (
            "Ihre Bestellung {order} ist bestätigt",
            "Gute Nachrichten: Folgendes liegt für Sie bereit und wird verschickt.",
        ),
        "order.on_hold": (
            "Ihre Bestellung {order} wird geprüft",
            "Wir prüfen noch eine Angabe zu Ihrer Bestellung und melden uns. Nichts geht verloren.",
        ),
        "order.rejected": (
            "Wir können Ihre Bestellung {order} nicht annehmen",
            "Es tut uns leid: Wir können sie nicht annehmen. Bezahltes erhalten Sie zurück.",
        ),
        "order.partly_backordered": (
            "Ein Teil Ihrer Bestellung {order} kommt später",
            "Ein Teil Ihrer Bestellung liegt bereit; der Rest folgt, sobald er eintrifft.",
        ),
        "order.backordered": (
            "Ihre Bestellung {order} dauert länger",
            "Die bestellte Ware ist zurzeit nicht auf Lager. Wir schicken sie, sobald sie da ist.",
        ),
        "order.unfulfillable": (
            "Zu Ihrer Bestellung {order} fehlt etwas",
            "Es tut uns leid: Folgendes können wir nicht liefern und berechnen es nicht.",
        ),
        "order.scheduled": (
            "Ihre Bestellung {order} ist vorgemerkt",
            "Ihre Bestellung ist bei uns. Wir legen sie zurück, wenn ihr Termin kommt.",
        ),
        "order.delayed": (
            "Ihre Bestellung {order} kommt später als angekündigt",
            "Es tut uns leid: Es dauert länger, als wir Ihnen gesagt haben.",
        ),
    },
    "fr": {
        "order.confirmed": (
            "Votre commande {order} est confirmée",
            "Bonne nouvelle : les articles suivants vous sont réservés et seront expédiés.",
        ),
        "order.on_hold": (
            "Votre commande {order} est en cours de vérification",
            "Nous vérifions un détail de votre commande et reviendrons vers vous.",
        ),
        "order.rejected": (
            "Nous ne pouvons pas accepter votre commande {order}",
            "Nous sommes désolés : nous ne pouvons pas l'accepter. Votre paiement vous sera rendu.",
        ),
        "order.partly_backordered": (
            "Une partie de votre commande {order} arrivera plus tard",
            "Une partie de votre commande vous est réservée ; le reste suivra dès que possible.",
        ),
        "order.backordered": (
            "Votre commande {order} prendra plus de temps",
            "Les articles commandés ne sont pas en stock. Nous les enverrons dès que possible.",
        ),
        "order.unfulfillable": (
            "Il manque un article à votre commande {order}",
            "Nous sommes désolés : nous ne pouvons pas livrer les articles suivants.",
        ),
        "order.scheduled": (
            "Votre commande {order} est planifiée",
            "Nous avons bien reçu votre commande. Elle sera préparée le moment venu.",
        ),
        "order.delayed": (
            "Votre commande {order} arrivera plus tard que prévu",
            "Nous sommes désolés : la livraison prend plus de temps qu'annoncé.",
        ),
    },
}

# how a line stands: its numbers, in the customer's words
LINES = {
    "en": {
        "ordered": "{units} ordered",
        "confirmed": "{units} set aside for you",
        "backordered": "{units} to follow",
        "short": "{units} not available",
        "expected_at": "expected by {date}",
    },
    "de": {
        "ordered": "{units} bestellt",
        "confirmed": "{units} für Sie zurückgelegt",
        "backordered": "{units} folgen",
        "short": "{units} nicht lieferbar",
        "expected_at": "erwartet bis {date}",
    },
    "fr": {
        "ordered": "{units} commandé(s)",
        "confirmed": "{units} réservé(s) pour vous",
        "backordered": "{units} à suivre",
        "short": "{units} indisponible(s)",
        "expected_at": "prévu pour le {date}",
    },
}

# when all of it is there; what was said before; and that nobody knows
DATES = {
    "en": (
        "All of it should be with you on {date}.",
        "We had said {date}.",
        "There is no date yet.",
    ),
    "de": (
        "Alles sollte am {date} bei Ihnen sein.",
        "Angekündigt war der {date}.",
        "Ein Termin steht noch nicht fest.",
    ),
    "fr": (
        "Tout devrait vous parvenir le {date}.",
        "Nous avions annoncé le {date}.",
        "Il n'y a pas encore de date.",
    ),
}

GREETINGS = {
    "en": ("Hello,", "Your tea shop"),
    "de": ("Guten Tag,", "Ihr Teeladen"),
    "fr": ("Bonjour,", "Votre boutique de thé"),
}


def language_of(locale: str) -> str:
    """The language to write in: ``de-AT`` is German, and what is not here is English."""
    language = locale.replace("_", "-").split("-")[0].lower()
    return language if language in MESSAGES else FALLBACK
