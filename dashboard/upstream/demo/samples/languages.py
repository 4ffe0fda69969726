"""Other scripts: Japanese, Chinese, Korean, Arabic, Hindi, Greek, and emoji that are several characters in one."""

# ruff: noqa: RUF001 (signs of other scripts are meant)

from random import Random

from dashboard.upstream.demo.samples.shapes import LARGE, OLDER, SMALL, Sample, reply, system, user
from dashboard.upstream.demo.samples.vocabulary import facts, tags

JAPANESE = (
    "注文{order}はいつ届きますか？{city}に住んでいます。",
    "お問い合わせありがとうございます。ご注文 **{order}** は現在{city}の営業所にあり、配達の準備が整っています。\n\n"
    "1. 配達は明日の午前中の予定です。\n2. ご不在の場合は宅配ボックスに入れます。\n3. 日時の変更は「注文履歴」から行えます。\n\n"
    "ほかにご不明な点がございましたら、いつでもお知らせください。",
)
_OTHERS = (
    ("zh", "请用一句话介绍这款防水袋。", "这款防水袋轻便耐用，收起来只有一只手掌大小，最适合周末的短途徒步。"),
    ("zh-Hant", "退貨要多久才會退款？", "我們收到商品後，通常會在 {count} 個工作天內退款到原本的付款方式；信用卡可能要再等一期帳單。"),
    ("ko", "주문 {order} 취소할 수 있나요?", "네, 아직 발송 전이라 취소할 수 있습니다. ‘내 주문’에서 {order}을 선택하고 **취소**를 눌러 주세요. 환불은 {count}일 안에 됩니다."),
    ("ar", "أين طلبي رقم {order}؟", "طلبك رقم {order} خرج من مستودعنا في {city} يوم أمس، ومن المتوقع أن يصل خلال {count} أيام.\n\n- رقم التتبع في رسالتك الأخيرة.\n- يمكنك تغيير العنوان حتى الساعة 18:00."),
    ("fa", "آیا {fabric} ضد آب است؟", "بله، ولی درزها را سالی یک‌بار موم بزنید. می‌خواهید راهنما را بفرستم؟"),
    ("he", "כמה עולה המשלוח?", "המשלוח חינם מעל 60 אירו; מתחת לזה הוא עולה 4.90 € (כולל מע\"מ)."),
    ("hi", "मेरा पार्सल {city} कब पहुँचेगा?", "नमस्ते! आपका पार्सल **{order}** रास्ते में है और {count} दिनों में {city} पहुँच जाएगा। कृपया उस समय फ़ोन चालू रखें।"),
    ("th", "มีสีอื่นไหม", "มีสีเขียวกับสีน้ำเงินค่ะ สีเขียวเหลือ {count} ชิ้น"),
    ("el", "Είναι το {product} διαθέσιμο;", "Ναι, το {product} υπάρχει στο κατάστημα της πόλης {city}· έμειναν {count} κομμάτια."),
    ("vi", "Tôi muốn đổi cỡ áo.", "Được chứ! Bạn gửi áo lại trong vòng {count}0 ngày, chúng tôi sẽ gửi cỡ mới miễn phí tới {city}."),
    ("tr", "İade ücretsiz mi?", "Evet, ilk {count}0 gün içinde iade ücretsizdir. Kargo etiketini hesabınızdan yazdırabilirsiniz; IĞDIR için süre bir gün uzar."),
    ("pl", "Czy {fabric} nadaje się na zimę?", "Tak, ale poniżej −10 °C radzimy dołożyć drugi koc. Zażółć gęślą jaźń – litery też działają. 🙂"),
    ("de", "Können Sie die Rechnung auf {company} umschreiben?", "Gern. Die Rechnung zu {order} lautet jetzt auf {company}; die Umsatzsteuer (19 %) ist ausgewiesen. Grüße aus {city}!"),
    ("emoji", "Announce our picnic with many emoji", "🎉 Picnic on {day}! 👩‍👩‍👧‍👦 Families, 🧑🏽‍🚒 fire fighters, 🏳️‍🌈 everybody. Bring 🧺🥪🍉, we bring the {product}. 1️⃣ Come 2️⃣ sit 3️⃣ enjoy ❤️‍🔥 🇫🇮🇵🇹🇳🇱"),
    ("mixed", "Greet the team in their languages", "Hei {first}, hej Freya, dzień dobry Tomasz, こんにちは花さん, مرحبا نور, नमस्ते प्रिया: the release is out 🚀"),
)  # fmt: skip


def japanese(dice: Random) -> Sample:
    known = facts(dice)
    asked, answer = JAPANESE
    return _sample(dice, "ja", asked.format(**known), answer.format(**known), LARGE)


def other_language(dice: Random, position: int | None = None) -> Sample:
    """position picks the language; otherwise chance does."""
    known = facts(dice)
    language, asked, answer = dice.choice(_OTHERS) if position is None else _OTHERS[position]
    return _sample(dice, language, asked.format(**known), answer.format(**known), dice.choice((OLDER, SMALL)))


def _sample(dice: Random, language: str, asked: str, answer: str, model: str) -> Sample:
    return Sample(
        messages=[system("Answer in the language of the customer."), user(asked)],
        choices=[reply(answer)],
        model=model,
        metadata=tags(dice, "support", team="care", language=language),
        reasoning=128 if model == LARGE else None,
    )
