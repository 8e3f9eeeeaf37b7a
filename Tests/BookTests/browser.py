"""The book in Chromium. What it has to show stands in a plan that the test has written.

    browser.py PLAN [PART...]

Prints what is wrong, a line each, and at the end how much was looked at.
"""

import json
import sys
import time
from playwright.sync_api import sync_playwright

plan = json.load(open(sys.argv[1]))
served, folder = plan["served"], "file://" + plan["folder"] + "/"
wrong, looked = [], 0


def check(is_right, *what):
    global looked
    looked += 1
    if not is_right:
        wrong.append(" ".join(str(part) for part in what))
        print(wrong[-1], flush=True)


# What the bench shows, in the words of the terminal and without its blanks.
STATE = """() => {
  const bench = document.querySelector('.bench')
  const text = (what, inside = bench) => inside.querySelector(what)?.textContent ?? ''
  const mark = li => (/^"(.)"/.exec(getComputedStyle(li, '::before').content)?.[1] ?? '').replace('−', '-')
  const item = li => mark(li) + text('.name', li) + text('.details', li)
    + [...li.querySelectorAll('ol li')].map((one, k) => (k ? ',' : ';whendone:') + one.textContent).join('')
  return {
    number: parseInt(text('.count')), sentence: text('.sentence'), phase: text('.phase p'),
    name: bench.querySelector('select').value,
    sections: Object.fromEntries([...bench.querySelectorAll('.section')].map(section =>
      [section.dataset.title, [...section.querySelectorAll('ul > li')].map(item).join('').replace(/\\s/g, '')])),
    line: text('.listing:not([hidden]) .now'),
    places: ['.hinge', '.ruler', '.controls', '.sentence', '.facts', '.ask', '.machine', ...[...bench
      .querySelectorAll('.section')].map(section => `[data-title="${section.dataset.title}"]`)].map(what => {
        const place = bench.querySelector(what).getBoundingClientRect()
        // What the pane is scrolled by, so that what is new is seen, is no change of place.
        const scrolled = what[0] === '[' ? bench.querySelector('.machine').scrollTop : 0
        return `${what} ${Math.round(place.x)} ${Math.round(place.y + scrolled)} ${Math.round(place.width)}`
      }).join('; '),
  }
}"""

# Every piece of text that is seen, and how well it can be told from what is behind it.
CONTRAST = """() => {
  const channel = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
  const parse = text => text.match(/[\\d.]+/g).map(Number)
  const found = {}
  for (const element of document.querySelectorAll('body *')) {
    if (!element.checkVisibility({ visibilityProperty: true }) || element.closest('.skip')) continue
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())
    const written = ['::before', '::after'].filter(part => /"./.test(getComputedStyle(element, part).content)
      || /counter|attr/.test(getComputedStyle(element, part).content))
    for (const part of own ? [null, ...written] : written) {
      let back = part && getComputedStyle(element, part).backgroundColor
      for (let behind = element; !back || (parse(back)[3] ?? 1) === 0; behind = behind.parentElement) {
        back = behind ? getComputedStyle(behind).backgroundColor : 'rgb(255, 255, 255)'
      }
      const color = getComputedStyle(element, part).color
      const [a, b] = [light(parse(color)), light(parse(back))]
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
      if (ratio < 4.5) found[`${element.tagName}.${element.className}${part ?? ''} ${color} on ${back}`] = ratio.toFixed(2)
    }
  }
  return found
}"""


def state(page):
    return page.evaluate(STATE)


def ready(page, name=None, number=None):
    page.wait_for_function(
        """([name, number]) => document.querySelector('.bench select')?.value
          && document.querySelector('.count').textContent
          && (!name || document.querySelector('.bench select').value === name)
          && (!number || parseInt(document.querySelector('.count').textContent) === number)""",
        arg=[name, number])


def open_at(page, address, name=None, number=None):
    page.goto("about:blank")
    page.goto(address)
    ready(page, name, number)
    page.focus(".bench")


def has_focus(page, what):
    return page.evaluate("what => document.activeElement.matches(what)", what)


def number_of(page):
    return page.evaluate("parseInt(document.querySelector('.count').textContent)")


def watch(page):
    """Whatever a page complains of is wrong."""
    page.on("console", lambda message: check(False, page.url, "console:", message.text))
    page.on("pageerror", lambda error: check(False, page.url, "error:", error))
    # Who leaves a page before its icon is there, gives that up.
    page.on("requestfailed", lambda request: check(
        request.failure == "net::ERR_ABORTED", page.url, "failed:", request.url, request.failure))
    page.on("request", lambda request: check(
        request.url.startswith((served, folder, "about:")), page.url, "asks for", request.url))


def every_page(page):
    for path in plan["pages"]:
        address = (served if path in plan["over_http"] else folder) + path
        page.goto(address)
        if path in plan["benches"]:
            ready(page)
            check(state(page)["sentence"], path, "has no sentence")
        check(page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path, "is too wide")
        check(page.evaluate("""() => [...document.querySelectorAll('.text > :not(.search), .text > p *')]
          .every(one => one.checkVisibility({ visibilityProperty: true }))"""), path, "hides a part of its text")


def walks(page):
    for name, steps in plan["walks"].items():
        open_at(page, f"{served}scenario-{name}.html#{name}/1", name, 1)
        page.keyboard.press("u")
        places = None
        for number, expected in enumerate(steps, 1):
            # A file that was not there before comes a moment later.
            page.wait_for_function(
                "line => document.querySelector('.listing:not([hidden]) .now')?.textContent === line",
                arg=expected["line"])
            now = state(page)
            # Empty sections are shown here, and there only if there is room.
            for one in [now, expected]:
                one["sections"] = {title: text for title, text in one["sections"].items() if text}
            for key in ["sentence", "phase", "sections"]:
                check(now[key] == expected[key], f"{name}/{number} {key}: {now[key]!r} for {expected[key]!r}")
            check(now["number"] == number, f"{name}/{number} is {now['number']}")
            check(places in (None, now["places"]), f"{name}/{number} moves: {places} to {now['places']}")
            places = now["places"]
            page.keyboard.press("ArrowRight")


def keys(page):
    for name, presses in plan["keys"].items():
        open_at(page, f"{served}{plan['page_of'][name]}#{name}/1", name, 1)
        before = ""
        for key, position in presses:
            page.keyboard.press(key)
            number = number_of(page)
            before = f"{before[-60:]} {key}"
            if number != position:
                return check(False, f"{name}, after{before}: {number}, and in the terminal {position}")
            check(True)


def predicts(page):
    """The questions of the terminal, answered wrongly and rightly, by key and by click."""
    for name, plan_of_it in plan["questions"].items():
        start, asked = plan_of_it["start"], plan_of_it["asked"]
        check(len(asked) > 5, name, "has few questions")
        address = f"{folder}{plan['page_of'][name]}#{name}/{start}"
        if start == 1:
            open_at(page, address, name, start)
            page.evaluate("document.activeElement.blur()")
            page.keyboard.press("P")
            check(not mode(page), "it asks without the focus")
            page.focus(".bench")
            page.keyboard.press("P")
        else:
            # A link may say that one is asked from there on.
            page.goto("about:blank")
            page.goto(address + "?")
        page.wait_for_selector(".asked button")
        page.focus(".bench")
        places = None
        for place, question in enumerate(asked):
            one_question(page, f"{name}, question {place + 1}:", place, len(asked), question)
            places = places or state(page)["places"]
            check(places == state(page)["places"], name, "moves:", places, state(page)["places"])
            if state(page)["number"] == question["step"] and not mode(page).endswith("asking"):
                page.keyboard.press("n")
        check(hint(page) == "that was the last question; P ends it", "after the last question:", hint(page))
        page.click("[data-key=P]") if page.locator("[data-key=P]").is_visible() else page.keyboard.press("P")
        check(not mode(page) and hint(page) == "no more questions", "P does not end it:", hint(page))
        check(page.locator(".steps .veiled").count() == 0, "rows stay hidden")


def one_question(page, what, place, count, question):
    here = question["step"] - 1
    right = question["right"]
    check(state(page)["number"] == here, what, "it stands at", state(page)["number"])
    check(f"question {place + 1} of {count}" in page.inner_text(".asked"), what, page.inner_text(".asked"))
    choices = page.eval_on_selector_all(".asked button", "all => all.map(one => one.lastChild.textContent)")
    check(choices == [choice["sentence"] for choice in question["choices"]], what, choices)
    told = page.evaluate("""number => {
      const visible = element => element.checkVisibility({ visibilityProperty: true })
      const bench = document.querySelector('.bench')
      const texts = [...bench.querySelectorAll('*')].filter(one => !one.closest('.asked') && visible(one))
        .flatMap(one => [...one.childNodes].filter(node => node.nodeType === 3).map(node => node.textContent))
      return {
        texts, ticks: [...bench.querySelectorAll('.ticks i')].filter(visible).length,
        rows: [...document.querySelectorAll('.steps [data-step]')].filter(row => Number(row.dataset.step) > number
          && [row, ...row.children].some(part => part.localName !== 'tr' && visible(part))).length,
        lines: [...bench.querySelectorAll('.listing [data-steps]')].filter(line =>
          getComputedStyle(line, '::after').content !== 'none').length,
      }
    }""", here)
    hidden = question["choices"][right]["sentence"]
    known = state(page)["sentence"]
    check(hidden == known or not any(hidden in text for text in told["texts"]), what, "the bench tells it")
    check(told["ticks"] == here, what, "the ruler shows", told["ticks"])
    check(told["rows"] == 0 and told["lines"] == 0, what, "the text or the source tells it", told["rows"], told["lines"])
    for key in ["ArrowRight", "l", "t", "c", "o", "e"]:
        page.keyboard.press(key)
        check(state(page)["number"] == here and hint(page), what, key, "goes on")
        check(not page.locator(".list").is_visible(), what, key, "opens a list")
    for number, choice in enumerate(question["choices"]):
        if number == right:
            continue
        answer(page, number, number % 2)
        reason = f"no: {choice['reason']} ({question['place']})"
        check(page.inner_text(".reason") == reason, what, page.inner_text(".reason"), "for", reason)
        check(state(page)["number"] == here, what, "a wrong answer goes on")
        decides(page, question)
    answer(page, right, place % 2)
    check(state(page)["number"] == question["step"], what, "the right answer does not go on")
    check(state(page)["sentence"] == hidden, what, state(page)["sentence"], "for", hidden)
    check(hint(page) == f"yes: {question['place']} decides", what, hint(page))
    decides(page, question)


def answer(page, number, by_click):
    if by_click:
        page.click(f".asked button >> nth={number}")
    else:
        page.keyboard.press(str(number + 1))


def decides(page, question):
    page.wait_for_function("code => document.querySelector('.listing .now')?.textContent === code", arg=question["code"])


def mode(page):
    return page.get_attribute(".bench", "data-mode") or ""


def hint(page):
    return page.inner_text(".hint")


def lanes(page):
    """The whole run, with the rows of the terminal's picture."""
    for name, plan_of_it in plan["lanes"].items():
        open_at(page, f"{folder}{plan['page_of'][name]}#{name}/1", name, 1)
        for press in plan_of_it["presses"]:
            page.keyboard.press(press["key"])
            now = page.evaluate("""() => ({
              number: parseInt(document.querySelector('.count').textContent),
              linked: [...document.querySelectorAll('.lanes .linked')].map(one => Number(one.hash.split('/')[1])).sort((a, b) => a - b),
              rows: [...document.querySelectorAll('.lanes p')].map(row => [...row.childNodes].map((node, k) =>
                k ? node.localName === 'i' ? '│' : node.textContent : node.textContent + ' ').join('')),
            })""")
            check(now["number"] == press["number"], name, press["key"], now["number"], "and in the terminal", press["number"])
            check(now["linked"] == press["linked"], name, press["number"], "is linked to", now["linked"], "for", press["linked"])
            # The names may be shorter there, and stand apart.
            here = [["".join(row.split("│")[0].split()), row[row.index("│"):].rstrip()] for row in now["rows"]]
            there = [["".join(row.split("│")[0].split()), row[row.index("│"):].rstrip()] for row in press["rows"]]
            check(here == there, name, press["number"], *here, "for", *there)
            if now["number"] != press["number"]:
                break
        tall = page.evaluate("[...document.querySelectorAll('.lanes p')].slice(1).map(row => row.offsetHeight)")
        check(tall and set(tall) == {18}, name, "has lanes that are", sorted(set(tall)), "high")
        page.keyboard.press("Enter")
        check(not page.locator(".list").is_visible(), "enter does not leave the picture")
        check(state(page)["number"] == plan_of_it["end"], "enter goes to", state(page)["number"])


def links(page):
    """The text, the source and the machine know each other."""
    open_at(page, served + "06-sock-accept.html")
    start = state(page)["number"]
    page.evaluate("scrollTo(0, 1500)")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    check(state(page)["number"] == start, "keys work without the focus")
    page.click('.steps tr[data-step="33"] td:nth-child(3)')
    ready(page, "accept", 33)
    check("accept" in state(page)["line"], "a row of the table does not lead to its line")
    page.click('.steps tr[data-step="25"] a')
    ready(page, "accept", 25)
    check(page.url.endswith("#accept/25"), "a step has no address")
    page.go_back()
    page.go_forward()
    ready(page, "accept", 25)
    line = page.locator('.excerpt .ln[data-steps]').first
    line.click()
    check(state(page)["number"] != 25 or line.evaluate("line => line.classList.contains('now')"), "an excerpt leads nowhere")
    label = page.locator('main > p a[data-file]').first
    wanted = label.get_attribute("data-file").split("/")[-1]
    label.click()
    page.wait_for_function("name => document.querySelector('.tab[aria-pressed=true]').textContent === name", arg=wanted)
    page.locator("main a.scar.play").first.click()
    page.wait_for_function("() => document.querySelector('.bench select').value.startsWith('scar-')")
    page.locator('main a.play:not(.scar)').first.click()
    page.wait_for_function("() => !document.querySelector('.bench select').value.startsWith('scar-')")
    open_at(page, served + "06-sock-accept.html#accept/25", "accept", 25)
    page.keyboard.press("c")
    check("Future-1" in page.inner_text(".list p.now"), "CPython's step is not beside ours")
    page.keyboard.press("c")
    page.keyboard.press("l")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    ready(page, "accept", 26)


def focus(page):
    """Who has clicked on what moves the machine, has its keys; and escape gives them back."""
    open_at(page, served + "06-sock-accept.html", "accept")
    for what in ['main p a.play:has-text("accept-ready"), main a.play:has-text("accept-ready")',
                 '.steps tr[data-step="33"] td:nth-child(3)', '.steps tr[data-step="25"] a',
                 '.excerpt .ln[data-steps]', 'main > p a[data-line]']:
        page.evaluate("document.activeElement.blur()")
        place = page.locator(what).first
        place.click()
        page.wait_for_timeout(300)
        check(has_focus(page, ".bench"), what, "does not give the machine the keys")
        before, top = number_of(page), page.evaluate("scrollY")
        page.keyboard.press("ArrowRight")
        check(number_of(page) > before, what, "and then an arrow: no step")
        page.wait_for_timeout(300)
        check(page.evaluate("scrollY") == top or place.locator("xpath=ancestor::table").count(),
              what, "and then an arrow: the reader has lost the place")
        page.keyboard.press("Escape")
        if what.endswith("a") or " a" in what.split(",")[0]:
            check(place.evaluate("place => place === document.activeElement"), what, "does not get the focus back")
    # A table whose row is out of sight does not pull the text.
    open_at(page, served + "06-sock-accept.html#accept/33", "accept", 33)
    page.evaluate("""scrollTo({ top: scrollY - innerHeight * 0.9
      + document.querySelector('.steps').getBoundingClientRect().top, behavior: 'instant' })""")
    top = page.evaluate("scrollY")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    check(page.evaluate("scrollY") == top, "the text is scrolled away by an arrow:", top, page.evaluate("scrollY"))
    # What the bench says of the text, leads there.
    page.click(".facts button")
    page.wait_for_function("""() => {
      const { top, bottom } = document.querySelector('tr.now').getBoundingClientRect()
      return top > 40 && bottom < innerHeight
    }""")
    # At the last step the button has nothing to do, and the keys go on.
    open_at(page, served + "06-sock-accept.html#accept/17", "accept", 17)
    page.click(".next")
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    last = number_of(page)
    page.keyboard.press("ArrowLeft")
    check(number_of(page) < last, "at the last step the keys are dead")
    # What is typed into a field comes into it.
    page.focus(".bench")
    page.keyboard.press("Home")
    page.keyboard.press("/")
    page.keyboard.type("epoll_ctl(DEL")
    check(page.evaluate("document.activeElement.value") == "epoll_ctl(DEL", "nothing can be typed into a field")
    page.keyboard.press("Enter")
    check(number_of(page) == 42 and has_focus(page, ".bench"), "/ does not find:", number_of(page))
    page.keyboard.press("g")
    page.keyboard.type("30")
    page.keyboard.press("Enter")
    check(number_of(page) == 30 and has_focus(page, ".bench"), "g does not go")
    # The list of recordings gives the keys back as well.
    page.keyboard.press("s")
    check(has_focus(page, "select"), "s does not lead to the recordings")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    check(number_of(page) == 31 and state(page)["name"] == "accept", "after s and escape an arrow is no step")
    # A list without links scrolls.
    page.keyboard.press("?")
    for _ in range(9):
        page.keyboard.press("ArrowDown")
    check(number_of(page) == 31 and page.evaluate("document.querySelector('.list .rows').scrollTop") > 100,
          "the list of keys does not scroll")
    check("self-pipe" in page.inner_text(".list"), "the words of the machine are explained nowhere")
    page.keyboard.press("Escape")
    # From a what if back to where it began.
    open_at(page, served + "06-sock-accept.html#accept~20=EINTR/22", "accept~20=EINTR", 22)
    page.keyboard.press("Escape")
    ready(page, "accept", 20)
    # What has changed is in sight.
    open_at(page, served + "09-transports-and-protocols.html#transport-echo/99", "transport-echo", 99)
    page.keyboard.press("ArrowRight")
    check(page.evaluate("""() => {
      const [pane, item] = ['.machine', '.transports .altered'].map(what =>
        document.querySelector(what).getBoundingClientRect())
      return item.bottom <= pane.bottom
    }"""), "what has changed is out of sight")
    # A file without a line opens beside the text, too.
    open_at(page, served + "06-sock-accept.html", "accept")
    page.click('main p a[data-file]:not([data-line])')
    page.wait_for_function("() => document.querySelector('.tab[aria-pressed=true]').textContent === 'SockAccept.swift'")


def fits(browser):
    """What breaks fits, and a picture fits or says that it does not. (Other tables have an edge.)"""
    for width in [1440, 1024, 390]:
        page = browser.new_page(viewport={"width": width, "height": 800})
        for path in plan["over_http"]:
            page.goto(folder + path)
            page.wait_for_load_state()
            for what in page.evaluate("""() => {
              const cut = element => element.scrollWidth > element.clientWidth + 1
              const wide = [...document.querySelectorAll('figure.picture')].filter(cut)
                .filter(figure => getComputedStyle(figure, '::before').content === 'none').map(() => 'a picture')
              return wide.concat([...document.querySelectorAll('.experiments')]
                .filter(cut).map(table => table.textContent.slice(0, 60)))
            }"""):
                check(False, f"at {width}, {path}: cut off: {what!r}")
            check(True)
        page.close()


def pictures(page):
    """A row of a picture that was drawn from a trace is a link, as one of a table is."""
    for root in [served, folder]:
        open_at(page, f"{root}06-sock-accept.html", "accept")
        row = page.locator('.drawn a[data-step="33"]').first
        row.click()
        ready(page, "accept", 33)
        check(page.url.endswith("#accept/33"), "a row of a picture has no address")
        check(has_focus(page, ".bench"), "a row of a picture does not give the machine the keys")
        check(row.evaluate("row => row.classList.contains('now')"), "a row is not marked")
        check("accept" in state(page)["line"], "a row of a picture does not lead to its line")
        # By keyboard: the next row, and from the second of two steps its row is marked.
        row.focus()
        page.keyboard.press("Tab")
        name, number = page.evaluate(
            "[document.activeElement.getAttribute('aria-label'), Number(document.activeElement.dataset.step)]")
        check(name.startswith(f"step {number}, ") and number > 33, "the next row is", name)
        check(page.evaluate("getComputedStyle(document.activeElement.firstElementChild).stroke") != "none",
              "a row has the focus, and one does not see it")
        page.keyboard.press("Enter")
        ready(page, "accept", number)
        open_at(page, f"{root}06-sock-accept.html#accept/18", "accept", 18)
        check(page.locator(".drawn a.now").first.get_attribute("data-step") == "17 18", "two steps have one row")


def what_if(page):
    for root in [served, folder]:
        open_at(page, f"{root}06-sock-accept.html#accept/20", "accept", 20)
        page.keyboard.press("w")
        page.click(".list a:has-text('EINTR')")
        ready(page, "accept~20=EINTR", 20)
        check("EINTR" in state(page)["sentence"], "what if: the fork does not say it")
        page.keyboard.press("c")
        check(page.inner_text(".list h3") == "The course before", "what if: the old course is not beside")


def other_answers(page):
    """What was not computed beforehand is computed by who serves, or not at all."""
    # Of a long story there is a choice, and the page says so.
    open_at(page, f"{folder}scenario-chat.html#chat/102", "chat", 102)
    page.keyboard.press("w")
    page.click(".list a:has-text('ECONNRESET')")
    ready(page, "chat~102=ECONNRESET", 102)
    open_at(page, f"{folder}scenario-chat.html#chat/42", "chat", 42)
    page.keyboard.press("w")
    page.click(".list a:has-text('EINTR')")
    page.wait_for_selector(".hint:has-text('serves a book that has it')")
    open_at(page, f"{folder}scenario-accept-two.html#accept-two/1", "accept-two", 1)
    ask(page)
    page.wait_for_selector(".hint:has-text('serves a book that has it')")
    open_at(page, f"{served}scenario-accept-two.html#accept-two/1", "accept-two", 1)
    for count in [2, 3]:
        ask(page)
        page.wait_for_function(
            "count => document.querySelector('.bench select').value.split('~').length === count", arg=count)


def ask(page):
    """What if, at the next call in a turn that could have been answered otherwise?"""
    page.keyboard.press("n")
    for _ in range(60):
        page.keyboard.press("a")
        page.keyboard.press("w")
        if page.locator(".list:not([hidden]) a").count():
            # The last one is the mildest, and something comes after it.
            return page.locator(".list a").last.click()
    check(False, "nothing could be otherwise")


def search(page):
    page.goto(folder + "contents.html")
    for words, wanted in plan["searches"].items():
        page.fill(".search input", words)
        page.wait_for_selector(".search li")
        page.wait_for_timeout(100)
        pages = page.eval_on_selector_all(".search li a", "links => links.map(link => link.getAttribute('href'))")
        check(any(link.startswith(wanted) for link in pages[:5]), f"search for {words}: {pages[:5]}")
    page.fill(".search input", "no such words at all")
    page.wait_for_function("() => document.querySelector('.search p').textContent === 'nothing says that'")
    # By keyboard, and from every page; what a word means stands above all that has it.
    page.goto(folder + "06-sock-accept.html")
    ready(page)
    page.evaluate("scrollTo(0, 3000)")
    page.keyboard.press("/")
    page.keyboard.type("future")
    page.wait_for_selector(".search li:has-text('a box for a result')")
    check("word" in page.locator(".search li").first.inner_text(), "the search does not explain a future first")
    page.keyboard.press("ArrowDown")
    check(has_focus(page, ".search a"), "the arrows do not walk through what was found")
    page.keyboard.press("Escape")
    check(page.evaluate("scrollY") == 3000, "the search scrolls the text")
    page.click(".find")
    page.fill(".search input", "half-close")
    page.wait_for_selector(".search li:first-child:has-text('transport-half-close')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/scenario-transport-half-close.html")
    page.goto(folder + "source/SocketOperations-SockAccept.swift.html")
    page.click(".find")
    page.fill(".search input", "A2")
    page.click(".search a[href='../scar-A2.html']")


def loop_that_served(page):
    open_at(page, served + "this-page.html", "this-page", 1)
    check(page.inner_text(".sentence").startswith("accept4("), "the page about the loop does not begin with its accept")
    page.keyboard.press("l")
    log = page.inner_text(".list")
    for word in ["epoll_ctl(ADD, connection", "recv(connection", "sendmsg(connection"]:
        check(word in log, "the page about the loop knows no", word)


def looks(browser):
    """Contrast in both modes; narrow; without script; with a calm reader; by keyboard."""
    address = f"{served}06-sock-accept.html#accept/36"
    for scheme in ["light", "dark"]:
        for width in [390, 1440]:
            page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
            open_at(page, address, "accept", 36)
            page.evaluate("document.activeElement.blur()")
            page.wait_for_function("() => !document.getAnimations().some(one => one.playState === 'running')")
            for key in ["Escape", "t", "P"]:
                page.focus(".bench")
                if key == "P":
                    page.keyboard.press("t")
                page.keyboard.press(key)
                if key == "P":
                    page.wait_for_selector(".asked button")
                page.evaluate("document.activeElement.blur()")
                for what, ratio in page.evaluate(CONTRAST).items():
                    check(False, f"contrast {scheme} {width} {key}: {what}: {ratio}")
                check(True)
            page.close()
    page = browser.new_page(viewport={"width": 390, "height": 844})
    open_at(page, address, "accept", 36)
    for top in [0, 3000, 9000]:
        page.evaluate(f"scrollTo(0, {top})")
        box = page.locator(".next").bounding_box()
        check(box["y"] + box["height"] <= 844 and box["height"] >= 44, "the controls are out of reach", box)
    page.close()
    page = browser.new_page(viewport={"width": 390, "height": 844})
    open_at(page, address + "?", "accept")
    page.wait_for_selector(".asked button")
    for button in page.locator(".asked button").all():
        box = button.bounding_box()
        check(box["y"] + box["height"] <= 844 and box["height"] >= 44, "an answer is out of reach", box)
    page.close()
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(served + "06-sock-accept.html")
    check(page.locator(".excerpt").count() > 3 and page.locator(".steps tr").count() > 20, "without script text is missing")
    check(not page.locator(".controls").is_visible(), "without script there are dead controls")
    page.close()
    page = browser.new_page(reduced_motion="reduce", viewport={"width": 1440, "height": 900})
    open_at(page, address, "accept", 36)
    check(page.evaluate("document.getAnimations().length") == 0, "something moves")
    page.focus(".bench")
    seen = set()
    for _ in range(14):
        page.keyboard.press("Tab")
        what, outline = page.evaluate("""() => {
          const here = document.activeElement
          const shown = here.type === 'range' ? here.parentElement : here
          return [`${here.tagName}.${here.className}`, getComputedStyle(shown).outlineStyle]
        }""")
        seen.add(what)
        check(outline != "none", what, "has the focus, and one does not see it")
    check(any("next" in what for what in seen), "the keyboard does not reach the controls:", seen)
    page.close()


def main(browser):
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    watch(page)
    # A file that is not there is told in the console, too.
    unwatched = browser.new_page(viewport={"width": 1440, "height": 900})
    # One that brings its own connections.
    fresh = browser.new_context().new_page()
    watch(fresh)
    parts = {part.__name__: part for part in [
        every_page, walks, keys, predicts, lanes, links, focus, fits, pictures, what_if, search, loop_that_served, other_answers, looks]}
    for name in sys.argv[2:] or parts:
        start = time.monotonic()
        parts[name]({"other_answers": unwatched, "looks": browser, "fits": browser, "loop_that_served": fresh}.get(name, page))
        print(f"{name}: {time.monotonic() - start:.1f} s", flush=True)


with sync_playwright() as play:
    browser = play.chromium.launch(executable_path=plan["chromium"], args=["--no-sandbox"])
    main(browser)
    browser.close()
print(f"{looked} looked at, {len(wrong)} wrong")
sys.exit(1 if wrong or not looked else 0)
