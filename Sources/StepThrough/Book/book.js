'use strict'
// The book's only script. It plays recordings: which step comes, what the machine looks
// like after it and what the sentence says was all computed when the pages were written.
// It shows, and it never simulates. Without it the text, the excerpts, the tables and the
// pictures are still there.

const book = (() => {
  const $ = (what, inside = document) => inside.querySelector(what)
  const $$ = (what, inside = document) => [...inside.querySelectorAll(what)]
  const root = document.documentElement.dataset.root ?? ''
  const calm = matchMedia('(prefers-reduced-motion: reduce)')

  /** An element with its children; text stays text. */
  function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag)
    for (const [name, value] of Object.entries(properties)) {
      if (value === undefined || value === false) continue
      if (name in element && name !== 'role') element[name] = value
      else element.setAttribute(name, value)
    }
    element.append(...children.filter(child => child !== undefined && child !== null))
    return element
  }

  // ---- What is loaded when it is needed: traces, sources, the search.

  const arrived = new Map()   // name of a file: what was in it
  const awaited = new Map()   // the same: the promise of it

  /** Loads `data/NAME.js`, once. A page from a folder may load scripts and nothing else. */
  function load(name) {
    if (!awaited.has(name)) {
      awaited.set(name, new Promise((resolve, reject) => {
        const script = make('script', { src: `${root}data/${name}.js` })
        script.onload = () => arrived.has(name) ? resolve(arrived.get(name)) : reject()
        script.onerror = () => {
          awaited.delete(name)
          reject(new Error(`data/${name}.js could not be loaded`))
        }
        document.head.append(script)
      }))
    }
    return awaited.get(name)
  }

  /** Where a link to a step leads: `#accept/25`. */
  function address(hash) {
    const match = /^#([A-Za-z0-9~=.-]+)\/(\d+)$/.exec(hash)
    return match && { name: match[1], number: Number(match[2]) }
  }

  // ---- The bench: source above, sentence between, machine below.

  let bench
  let trace            // the recording that is played
  let number = 0       // the step that was done last
  let showsCPython = false
  let searched = ''

  const step = k => trace.steps[k - 1]

  function build() {
    bench = $('.bench')
    if (!bench) return
    const hinge = $('.hinge', bench)
    const names = bench.dataset.traces.split(' ')
    const choice = make('select', { ariaLabel: 'Recording' },
      ...names.map(name => make('option', { value: name }, name.replace(/^scar-/, 'scar '))))
    choice.onchange = () => play(choice.value, 1)
    hinge.append(
      make('div', { className: 'ruler' },
        make('div', { className: 'ticks', ariaHidden: 'true' }),
        make('input', { type: 'range', min: 1, ariaLabel: 'Step' })),
      make('div', { className: 'controls' },
        button('← Back', 'back', 'one step back (left arrow)', () => go(number - 1)),
        button('Next →', 'next', 'next step (right arrow or space)', () => go(number + 1)),
        button('Next turn ⇥', 'turn', 'next turn of the loop (n)', () => go(nextTurn()))),
      make('p', { className: 'count' }),
      make('p', { className: 'sentence', role: 'status', ariaLive: 'polite' }),
      make('dl', { className: 'facts' }),
      make('form', { className: 'ask', hidden: true }),
    )
    $('.machine', bench).append(
      make('div', { className: 'phase' }, make('p'), make('label', {}, 'recording ', choice)),
      make('div', { className: 'sections' }),
      make('div', { className: 'cpython', hidden: true }),
    )
    $('input', hinge).oninput = event => go(Number(event.target.value))
    bench.addEventListener('keydown', press)
    for (const tab of $$('.tab', bench)) tab.onclick = () => showFile(tab.dataset.file)
    for (const view of $$('.views button', bench)) view.onclick = () => choose(view.value)
    new ResizeObserver(() => trace && (drawRuler(), reserve(), go(number, { still: true })))
      .observe(bench)
    bench.classList.add('ready')
  }

  const button = (text, name, title, action) =>
    make('button', { type: 'button', className: name, title, onclick: action }, text)

  /** Plays a recording from a step on. */
  async function play(name, at, options = {}) {
    if (!bench) return
    try {
      const loaded = await load(name)
      if (trace !== loaded) {
        trace = loaded
        number = 0
        unfold(trace)
        const choice = $('select', bench)
        if (![...choice.options].some(option => option.value === name)) {
          choice.append(make('option', { value: name }, name))
        }
        choice.value = name
        drawRuler()
        reserve()
      }
      go(at, options)
    } catch (error) {
      $('.sentence', bench).textContent = `${error?.message ?? 'this recording is broken'}`
    }
  }

  /** Gives each step the whole machine. In the file a section stands only where it changed. */
  function unfold(trace) {
    if (trace.isUnfolded) return
    trace.isUnfolded = true
    let machine = Object.fromEntries(trace.sections.map(title => [title, []]))
    trace.steps.forEach((step, place) => {
      step.number = place + 1
      // Marks, and what was taken away, are for one step only.
      machine = Object.fromEntries(Object.entries(machine).map(([title, items]) => [title,
        items.filter(item => item.mark !== '-')
          .map(item => item.mark ? { ...item, mark: undefined } : item)]))
      machine = { ...machine, ...step.machine }
      step.changed = new Set(Object.keys(step.machine ?? {}))
      step.machine = machine
    })
  }

  const nextTurn = () => {
    const turn = step(number).turn
    return trace.steps.find(other => other.number > number && other.turn !== turn)?.number
      ?? number
  }
  const previousTurn = () => {
    const starts = trace.steps.filter((other, k) => k === 0 || trace.steps[k - 1].turn !== other.turn)
    return starts.findLast(other => other.number < number)?.number ?? 1
  }

  /** Shows a step. `still`: only again, nothing happened. `jump`: the text goes along. */
  function go(k, options = {}) {
    if (!trace) return
    number = Math.min(Math.max(k, 1), trace.steps.length)
    const now = step(number)
    say(now)
    $('.count', bench).replaceChildren(`${number}`, make('small', {}, ` of ${trace.steps.length}`))
    for (const section of $$('.section', bench)) showSection(section, now)
    showCPython()
    showSource(now, options)
    showPlace()
    showText(now, options)
    if (!options.still && !options.quiet) {
      history.replaceState(null, '', `#${trace.name}/${number}`)
    }
  }

  function say(now) {
    $('.phase p', bench).textContent = now.phase
    const call = now.kind === 'call' && /^(.*? → .*?): (.*)$/s.exec(now.sentence)
    $('.sentence', bench).replaceChildren(
      ...call ? [make('code', {}, call[1]), `: ${call[2]}`] : [now.sentence])
    // If this step made no call, the last one before it is shown, faintly.
    const kernel = now.kernel
      ?? trace.steps.slice(0, now.number).findLast(step => step.kernel)?.kernel
    $('.facts', bench).replaceChildren(
      ...fact('kernel', now.kernel ? '' : kernel ? 'before: ' : 'no system call yet',
        kernel && make('code', { className: now.kernel ? '' : 'old' }, kernel)),
      ...fact('asyncio', now.asyncio ? '' : 'nothing of the kind',
        now.asyncio && make('code', {}, now.asyncio), now.place && ` ${now.place}`))
  }

  const fact = (name, ...what) =>
    [make('dt', {}, name), make('dd', {}, ...what.filter(Boolean))]

  // ---- The machine.

  function showSection(section, now) {
    const items = now.machine[section.dataset.title] ?? []
    section.classList.toggle('changed', now.changed.has(section.dataset.title))
    section.classList.toggle('empty', items.length === 0)
    $('ul', section).replaceChildren(...items.map(row))
  }

  const said = { '+': 'new: ', '~': 'changed: ', '-': 'gone: ' }

  function row(item) {
    const list = item.list?.length
      ? make('ol', {}, ...item.list.map(name => make('li', {}, name))) : undefined
    return make('li', { className: { '+': 'added', '~': 'altered', '-': 'removed' }[item.mark] ?? '' },
      item.mark && make('span', { className: 'mark', ariaHidden: 'true' }, item.mark.replace('-', '−')),
      item.mark && make('span', { className: 'unseen' }, said[item.mark]),
      make('span', { className: 'name' }, item.name),
      item.details ? ' ' : undefined,
      item.details ? make('span', { className: 'details' }, item.details) : undefined, list)
  }

  /** Every section is as high as it ever gets in this recording: nothing moves. */
  function reserve() {
    const holder = $('.sections', bench)
    const used = trace.sections.filter((title, k) =>
      k < 6 || trace.steps.some(step => step.machine[title]?.length))
    holder.replaceChildren(...used.map(title => make('section',
      { className: `section ${title.toLowerCase().replace(' ', '-')}`, 'data-title': title },
      make('h3', {}, title), make('ul'))))
    for (const section of holder.children) {
      const list = $('ul', section)
      const seen = new Set()
      let highest = 0
      for (const step of trace.steps) {
        const items = step.machine[section.dataset.title] ?? []
        if (!step.changed.has(section.dataset.title) || seen.has(items)) continue
        seen.add(items)
        list.replaceChildren(...items.map(row))
        highest = Math.max(highest, list.offsetHeight)
      }
      list.style.minHeight = `${highest}px`
    }
    for (const what of ['.sentence', '.facts']) {
      const element = $(what, bench)
      element.style.minHeight = ''
      let highest = 0
      for (const step of trace.steps) {
        say(step)
        highest = Math.max(highest, element.offsetHeight)
      }
      element.style.minHeight = `${highest}px`
    }
    $('.cpython', bench).hidden = !showsCPython
    holder.hidden = showsCPython
  }

  function showCPython() {
    const pane = $('.cpython', bench)
    pane.hidden = !showsCPython
    $('.sections', bench).hidden = showsCPython
    if (!showsCPython) return
    if (pane.dataset.of !== trace.name) {
      pane.dataset.of = trace.name
      pane.replaceChildren(
        make('h3', {}, `CPython ${trace.cpython.version}`),
        make('ol', {}, ...trace.cpython.rows.map(row => make('li', {
          className: !row.step ? 'added' : !row.why ? '' : row.theirs ? 'altered' : 'removed',
          'data-step': row.step ?? '',
        }, make('span', { className: 'number' }, row.step ?? ''),
        make('span', {}, row.theirs ?? (row.why ? 'nothing of the kind' : step(row.step).sentence)),
        row.place && make('span', { className: 'place' }, row.place),
        row.why && make('em', {}, row.why)))))
    }
    for (const old of $$('.now', pane)) old.classList.remove('now')
    const mine = $(`li[data-step="${number}"]`, pane)
    if (mine) {
      mine.classList.add('now')
      within(pane, mine)
    }
  }

  // ---- The ruler: all steps of the recording, with its turns.

  let places = []

  function drawRuler() {
    const ticks = $('.ticks', bench)
    const width = ticks.clientWidth
    const gap = width < 420 ? 6 : 12
    const turns = trace.steps.filter((step, k) => k > 0 && trace.steps[k - 1].turn !== step.turn)
    const unit = (width - gap * turns.length - 4) / trace.steps.length
    let x = 0
    places = trace.steps.map((step, k) => {
      if (k > 0 && trace.steps[k - 1].turn !== step.turn) x += gap
      x += unit
      return x - unit / 2
    })
    const marks = trace.steps.map((step, k) => {
      const tick = make('i', { className: step.kind })
      tick.style.left = `${places[k]}px`
      return tick
    })
    const bars = []
    trace.steps.forEach((step, k) => {
      if (step.kind !== 'run') return
      const end = trace.steps.findIndex((other, j) => j > k && other.kind === 'return')
      const bar = make('u')
      bar.style.left = `${places[k]}px`
      bar.style.width = `${places[end < 0 ? trace.steps.length - 1 : end] - places[k] + 2}px`
      bars.push(bar)
    })
    const names = [trace.steps[0], ...turns].map((step, k, all) => {
      const room = (places[all[k + 1]?.number - 1] ?? width) - places[step.number - 1]
      const text = step.turn === 0 ? room > 50 ? 'before' : '' : room > 50 ? `turn ${step.turn}` : room > 14 ? `${step.turn}` : ''
      const name = make('b', {}, text)
      name.style.left = `${places[step.number - 1]}px`
      return name
    })
    ticks.replaceChildren(...bars, ...marks, ...names)
    $('.ruler input', bench).max = trace.steps.length
  }

  function showPlace() {
    const now = step(number)
    $$('.ticks i', bench).forEach((tick, k) => {
      tick.classList.toggle('past', k + 1 < number)
      tick.classList.toggle('now', k + 1 === number)
    })
    const range = $('.ruler input', bench)
    range.value = number
    range.setAttribute('aria-valuetext', `step ${number}: ${now.sentence}`)
    $('.back', bench).disabled = number === 1
    $('.next', bench).disabled = number === trace.steps.length
    $('.turn', bench).disabled = nextTurn() === number
  }

  // ---- The source.

  function showFile(path) {
    for (const tab of $$('.tab', bench)) tab.setAttribute('aria-selected', tab.dataset.file === path)
    for (const file of $$('.listing', bench)) file.hidden = file.dataset.file !== path
  }

  /** The chapter's files have a tab of their own; the last tab is for all the others. */
  async function showSource(now, options) {
    let listing = $(`.listing[data-file="${now.file}"]`, bench)
    if (!listing) {
      const name = `source-${now.file.replace(/^Sources\//, '').replace(/[/+]/g, '-')}`
      let lines
      try { lines = await load(name) } catch { return }
      if (step(number) !== now) return   // the reader has gone on meanwhile
      listing = $(`.listing[data-file="${now.file}"]`, bench)
      if (!listing) {
        listing = make('div', { className: 'listing', tabIndex: 0, 'data-file': now.file, hidden: true })
        listing.innerHTML = lines
        $('.source', bench).append(listing)
      }
      let tab = $(`.tab[data-file="${now.file}"]`, bench)
      if (!tab) {
        $('.tab.other', bench)?.remove()
        tab = make('button', { type: 'button', className: 'tab other', role: 'tab', 'data-file': now.file },
          now.file.split('/').pop())
        tab.onclick = () => showFile(now.file)
        $('.tabs', bench).append(tab)
      }
    }
    showFile(now.file)
    for (const old of $$('.listing .now', bench)) old.classList.remove('now')
    const line = listing.children[now.line - 1]
    if (!line) return
    line.classList.add('now')
    within(listing, line, options.still)
  }

  /** Scrolls a pane, and only the pane, until the element stands well in it. */
  function within(pane, element, isSilent) {
    const outer = pane.getBoundingClientRect()
    const inner = element.getBoundingClientRect()
    const margin = Math.min(60, outer.height / 5)
    if (inner.top >= outer.top + margin && inner.bottom <= outer.bottom - margin) return
    pane.scrollTo({
      top: pane.scrollTop + inner.top - outer.top - outer.height * 0.42,
      behavior: calm.matches || isSilent ? 'auto' : 'smooth',
    })
  }

  // ---- The text.

  function showText(now, options) {
    for (const old of $$('.text .now')) old.classList.remove('now')
    const rows = $$(`.steps[data-trace="${trace.name}"] tr[data-step="${number}"]`)
    for (const row of rows) row.classList.add('now')
    for (const line of $$(`.excerpt[data-file="${now.file}"] [data-line="${now.line}"]`)) {
      line.classList.add('now')
    }
    const row = rows[0]
    if (!row) return
    const table = row.closest('table').getBoundingClientRect()
    const isSeen = table.top < innerHeight * 0.85 && table.bottom > innerHeight * 0.1
    if (!options.jump && (!isSeen || options.still || options.quiet)) return
    const place = row.getBoundingClientRect()
    if (options.jump || place.top < innerHeight * 0.1 || place.bottom > innerHeight * 0.9) {
      scrollTo({ top: scrollY + place.top - innerHeight * 0.4, behavior: calm.matches || options.first ? 'auto' : 'smooth' })
    }
  }

  // ---- Keys. They work while the machine has the focus, and nowhere else.

  function press(event) {
    if (event.metaKey || event.ctrlKey || event.altKey || !trace) return
    const inField = /^(SELECT|INPUT|TEXTAREA)$/.test(event.target.tagName)
    const isRange = event.target.type === 'range'
    if (inField && !isRange) return
    if (event.key === 'Enter' && event.target.tagName === 'BUTTON') return
    if (event.key === ' ' && event.target.tagName === 'BUTTON') return
    if (event.target.closest('.listing') && /^(Arrow(Up|Down)|Home|End| )$/.test(event.key)) return
    const action = {
      ArrowRight: () => go(number + 1), ArrowDown: () => go(number + 1),
      ' ': () => go(number + 1), Enter: () => go(number + 1),
      ArrowLeft: () => go(number - 1), ArrowUp: () => go(number - 1),
      n: () => go(nextTurn()), p: () => go(previousTurn()),
      Home: () => go(1), End: () => go(trace.steps.length),
      g: () => ask('go to step', text => go(Number(text) || number)),
      '/': () => ask('find', find),
      c: () => {
        if (!trace.cpython) return hint('there is no recording of CPython beside this one')
        showsCPython = !showsCPython
        showCPython()
      },
      l: () => hint('the log is the page of this recording: see the contents'),
      '?': () => $('.keys', bench)?.toggleAttribute('open'),
    }[event.key]
    if (!action) return
    event.preventDefault()
    action()
  }

  function ask(question, answer) {
    const form = $('.ask', bench)
    const field = make('input', { ariaLabel: question, autocomplete: 'off' })
    form.replaceChildren(make('label', {}, `${question}: `, field))
    form.hidden = false
    const leave = () => { form.hidden = true; $('.next', bench).focus() }
    form.onsubmit = event => { event.preventDefault(); leave(); answer(field.value) }
    field.onkeydown = event => { if (event.key === 'Escape') leave() }
    field.focus()
  }

  function hint(text) {
    const form = $('.ask', bench)
    form.replaceChildren(make('span', { role: 'status' }, text))
    form.hidden = false
  }

  function find(text) {
    if (text) searched = text
    const wanted = searched.toLowerCase()
    const order = [...trace.steps.slice(number), ...trace.steps.slice(0, number)]
    const found = wanted && order.find(step => step.sentence.toLowerCase().includes(wanted))
    if (!found) return hint(`no step says '${searched}'`)
    go(found.number)
    if (found.number <= number) return
  }

  // ---- Links: a step, a label, an excerpt move the machine and the source.

  addEventListener('click', event => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return
    const link = event.target.closest('a[href]')
    if (link && bench) {
      const place = address(new URL(link.href).hash)
      const isHere = place && (link.getAttribute('href').startsWith('#') || link.matches('.play'))
      if (isHere) {
        event.preventDefault()
        history.pushState(null, '', `#${place.name}/${place.number}`)
        choose('machine')
        play(place.name, place.number)
        return
      }
      const line = /source\/[^#]*#L(\d+)$/.exec(link.getAttribute('href'))
      const path = link.dataset.file
      if (line && path && !link.closest('.listing')) {
        event.preventDefault()
        choose('source')
        lookAt(path, Number(line[1]))
        return
      }
    }
    const line = event.target.closest('.excerpt .ln')
    if (line && bench && trace && !String(getSelection())) {
      const path = line.closest('.excerpt').dataset.file
      const here = trace.steps.filter(step => step.file === path && step.line === Number(line.dataset.line))
      if (here.length) go((here.find(step => step.number > number) ?? here[0]).number)
    }
  })

  /** Shows a line of source, while the machine stays where it is. */
  async function lookAt(path, line) {
    await showSource({ file: path, line }, {})
  }

  /** On a narrow screen: which of the two is seen above the controls. */
  function choose(view) {
    if (!bench) return
    bench.dataset.view = view
    for (const button of $$('.views button', bench)) {
      button.setAttribute('aria-pressed', button.value === view)
    }
  }

  addEventListener('popstate', () => {
    const place = address(location.hash)
    if (place) play(place.name, place.number, { quiet: true })
  })
  addEventListener('beforeprint', () => $$('details').forEach(details => { details.open = true }))

  addEventListener('DOMContentLoaded', () => {
    build()
    if (bench) {
      const place = address(location.hash)
      choose(place ? 'machine' : 'none')
      play(place?.name ?? bench.dataset.traces.split(' ')[0],
        place?.number ?? Number(bench.dataset.first ?? 1), { quiet: !place, jump: Boolean(place), first: true })
    }
    buildSearch()
  })

  // ---- The search, over headings, functions and scars.

  function buildSearch() {
    const field = $('.search input')
    if (!field) return
    const list = $('.search ul')
    field.closest('.search').hidden = false
    field.oninput = async () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean)
      if (!words.length) return list.replaceChildren()
      const entries = await load('search')
      const found = entries
        .map(entry => ({ entry, rank: rank(entry, words) })).filter(found => found.rank > 0)
        .sort((a, b) => b.rank - a.rank).slice(0, 30)
      list.replaceChildren(...found.length
        ? found.map(({ entry }) => make('li', {},
          make('a', { href: root + entry.page }, entry.title),
          make('span', {}, ` ${entry.kind}`), entry.text && make('p', {}, excerpt(entry.text, words))))
        : [make('li', {}, 'nothing of that name')])
    }
  }

  function rank(entry, words) {
    const title = entry.title.toLowerCase()
    const text = (entry.text ?? '').toLowerCase()
    let rank = 0
    for (const word of words) {
      const own = title === word ? 20 : title.startsWith(word) ? 12 : title.includes(word) ? 8
        : text.includes(word) ? 2 : 0
      if (!own) return 0
      rank += own
    }
    return rank
  }

  function excerpt(text, words) {
    const place = Math.max(0, text.toLowerCase().indexOf(words[0]) - 60)
    return `${place ? '…' : ''}${text.slice(place, place + 160)}…`
  }

  return {
    trace: loaded => arrived.set(loaded.name, loaded),
    source: (name, lines) => arrived.set(name, lines),
    search: entries => arrived.set('search', entries),
  }
})()
