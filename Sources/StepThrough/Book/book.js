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
      if (value === undefined) continue
      if (name in element) element[name] = value
      else element.setAttribute(name, value)
    }
    element.append(...children.filter(child => child !== undefined && child !== ''))
    return element
  }

  // ---- What is loaded when it is needed: recordings, sources, the search.

  const arrived = new Map()   // name of a file: what was in it
  const awaited = new Map()   // the same: the promise of it
  const elsewhere = 'this is not in the folder: `swift run walkthrough book` serves a book that has it'

  /** Loads `data/NAME.js`, once. A page from a folder may load scripts and nothing else. */
  function load(name) {
    if (!awaited.has(name)) {
      awaited.set(name, new Promise((resolve, reject) => {
        const script = make('script', { src: `${root}data/${name}.js` })
        script.onload = () => resolve(arrived.get(name))
        script.onerror = () => {
          awaited.delete(name)
          reject(new Error(elsewhere))
        }
        document.head.append(script)
      }))
    }
    return awaited.get(name)
  }

  /** What Packed.swift has packed: what is not there is as it was in the last object with these keys. */
  function unpack(table) {
    const [values, last] = [[], []]
    const value = part => !Array.isArray(part) ? Number.isInteger(part) ? values[part] : part
      : part[0] === -2 ? part.slice(1).map((sum => way => sum += way)(0))
      : part[0] < 0 ? part.slice(1).map(value) : Object.fromEntries(last[part[0]] = values[part[0]].map((key, k) =>
        [key, part[k + 1] === undefined ? last[part[0]][k][1] : value(part[k + 1])]))
    for (const entry of table) values.push(Number.isInteger(entry) ? entry : value(entry))
    return values.at(-1)
  }

  function take(name, table) {
    const whole = unpack(table)
    arrived.set(name, whole)
    // `accept~` is all that could have been otherwise in `accept`.
    if (name.endsWith('~')) for (const course of whole) arrived.set(course.name, course)
  }

  /** A recording. One in which something is otherwise, `accept~20=EINTR`, begins as another. */
  async function recording(name) {
    const parting = name.lastIndexOf('~')
    const base = parting > 0 ? await recording(name.slice(0, parting)) : {}
    if (base.answers) await load(`${base.name}~`)
    const trace = arrived.get(name) ?? await load(name)
    if (!trace) throw new Error(elsewhere)
    if (!trace.turns) {
      trace.steps = [...base.steps?.slice(0, trace.shared) ?? [], ...trace.steps].map((step, k) => ({ ...step, number: k + 1 }))
      trace.turns = trace.steps.filter((step, k, steps) => steps[k - 1]?.turn !== step.turn)
    }
    return trace
  }

  /** Where a link to a step leads: `#accept/25`. */
  function address(hash) {
    const match = /#([\w~=.-]+)\/(\d+)$/.exec(hash)
    return match && { name: match[1], number: Number(match[2]) }
  }

  // ---- The bench: source above, sentence between, machine below.

  let bench
  let trace            // the recording that is played
  let number = 0       // the step that was done last
  let isFolding = true // what is before and after the turns is one step
  let trail = []       // where one was before one went to a cause
  let following        // the life that one goes along, instead of step by step
  let listed = ''      // the list in the machine's place, by its key
  let searched = ''
  let wanted = 0       // counts the recordings that were asked for
  let keyline          // what stands there while there is nothing to say

  const step = k => trace.steps[k - 1]
  const fold = () => isFolding ? trace.folds.find(fold => fold.first === number) : undefined
  const lastShown = () => fold()?.last ?? number
  const folded = k => isFolding && trace.folds.find(fold => fold.first <= k && k <= fold.last)?.first || k

  function build() {
    bench = $('.bench')
    if (!bench) return
    bench.classList.add('ready')
    bench.addEventListener('keydown', press)
    $('select', bench).onchange = event => play(event.target.value, 1)
    for (const button of $$('[data-key]', bench)) button.onclick = () => actions[button.dataset.key]()
    $('.ruler input', bench).oninput = event => go(Number(event.target.value))
    const drag = event => event.buttons && go(1 + $$('.ticks i', bench)
      .findLastIndex(tick => tick.getBoundingClientRect().left <= event.clientX))
    $('.ruler', bench).onpointerdown = event => { event.currentTarget.setPointerCapture(event.pointerId); drag(event) }
    $('.ruler', bench).onpointermove = drag
    for (const tab of $$('.tab', bench)) tab.onclick = () => showSource({ file: tab.dataset.file })
    for (const view of $$('.view', bench)) view.onclick = () => choose(bench.dataset.view === view.value ? 'none' : view.value)
    new ResizeObserver(() => trace && (layOut(), show({ still: true }))).observe(bench)
  }

  /** Plays a recording from a step on. */
  async function play(name, at, options = {}) {
    if (!bench) return
    const mine = ++wanted
    const loaded = await recording(name).catch(error => tell(error.message))
    if (!loaded || mine !== wanted) return   // the reader has asked for another one meanwhile
    if (trace !== loaded) {
      [trace, isFolding, trail, following] = [loaded, true, [], undefined]
      const choice = $('select', bench)
      if (!$(`option[value="${name}"]`, choice)) choice.append(new Option(name.replace('scar-', 'scar ').replaceAll('~', ', what if '), name))
      choice.value = name
      layOut()
      annotate()
    }
    if (at > 1) land(at, options)
    else go(at, options)
    if (trace.failure) tell(`this ends before its end: ${trace.failure}`)
  }

  /** To a step that was asked for: it alone is shown, though a fold begins with it. */
  function land(k, options) {
    if (trace.folds.some(fold => fold.first === k)) isFolding = false
    go(k, options)
  }

  function go(k, options) {
    number = Math.min(Math.max(k, 1), trace.steps.length)
    show(options)
  }

  /** Shows where we are. `still`: nothing happened, only the room is another. `quiet`: the
      address stays. `jump`: the text goes along. */
  function show(options = {}) {
    const now = { ...step(number), ...fold() }
    if (!options.still && listed && listed !== 'c') closeList()
    $('.phase p', bench).textContent = step(lastShown()).phase
    $('.count', bench).replaceChildren(`${number}`, make('small', {}, ` of ${trace.steps.length}`))
    $('.sentence', bench).replaceChildren(...sentence(now))
    $('.facts', bench).replaceChildren(...facts(now))
    tell(options.hint)
    for (const section of $$('.section', bench)) showSection(section, now)
    if (listed === 'c') showBeside()
    showPlace(now)
    showSource(now, options)
    showText(now, options)
    if (!options.still && !options.quiet) history.replaceState(null, '', `#${trace.name}/${number}`)
  }

  function sentence(now) {
    const call = now.kind === 'call' && !now.first && /^(.*? → .*?): (.*)$/s.exec(now.sentence)
    return call ? [make('code', {}, call[1]), `: ${call[2]}`] : [now.sentence]
  }

  function facts(now) {
    const fact = (name, ...what) => [make('dt', {}, name), make('dd', {}, ...what)]
    // If this step made no call, the last one before it is shown, faintly.
    const old = trace.steps.slice(0, now.number).findLast(step => step.kernel)?.kernel
    return [
      ...fact('kernel', now.kernel ? make('code', {}, now.kernel)
        : old ? make('code', { className: 'old' }, `before: ${old}`) : 'no system call yet'),
      ...fact('asyncio', now.asyncio ? make('code', {}, now.asyncio) : 'nothing of the kind', now.place && ` ${now.place}`),
      ...fact('text', $(rowOf(now.number)) ? make('button', { type: 'button', onclick: actions.b }, `the steps, row ${now.number}`)
        : trace.page ? make('a', { href: root + trace.page }, 'the page of this recording') : 'the text beside'),
    ]
  }

  /** The line below the facts: a word to the reader, until the next key. */
  function tell(text) {
    const form = $('.ask', bench)
    keyline ??= $('.keyline', bench)
    const line = text || following && `${following.label}: station ${following.steps.indexOf(number) + 1 || '–'} of `
      + `${following.steps.length} · → ← along its life · f lists them · esc ends`
    form.replaceChildren(line ? make('p', { className: 'hint', role: 'status' }, line) : keyline)
  }

  // ---- The machine.

  function showSection(section, now) {
    const items = now.machine[section.dataset.title] ?? []
    const before = step(now.number - 1)?.machine[section.dataset.title]
    section.classList.toggle('changed', items.some(item => item.mark))
    section.classList.toggle('empty', items.length === 0)
    $('ul', section).replaceChildren(...items.map(item => row(item, before)))
  }

  const marks = { '+': ['added', 'new: '], '~': ['altered', 'changed: '], '-': ['removed', 'gone: '] }

  /** An item; only what has changed of it has the colour of what changes. */
  function row(item, before = []) {
    const old = item.mark === '~' ? before.find(old => old.id === item.id) : undefined
    const news = isNew => isNew ? 'news' : ''
    const list = item.list?.map(name => make('li', { className: news(old && !old.list?.includes(name)) }, name))
    const [kind, word] = marks[item.mark] ?? []
    return make('li', { className: kind }, make('span', { className: 'mark', ariaHidden: 'true' }, item.mark?.replace('-', '−')),
      word && make('span', { className: 'unseen' }, word),
      make('span', { className: 'name' }, item.name),
      item.details && make('span', { className: `details ${news(old && old.details !== item.details)}` }, item.details),
      list && make('span', { className: 'when' }, 'when done'), list && make('ol', {}, ...list))
  }

  /** Every part gets the room of the most that is ever in it in this recording: nothing
      moves from step to step. */
  function layOut() {
    drawRuler()
    const titles = trace.sections.filter(title => trace.steps.some(step => step.machine[title]))
    $('.sections', bench).replaceChildren(...titles.map(title => make('section',
      { className: `section ${title.toLowerCase().replace(' ', '-')}`, 'data-title': title }, make('h3', {}, title), make('ul'))))
    for (const section of $$('.section', bench)) {
      const states = new Set(trace.steps.map(({ machine }) => machine[section.dataset.title] ?? []))
      reserve($('ul', section), [...states].map(items => items.map(item => row(item))))
    }
    reserve($('.sentence', bench), [...trace.steps, ...trace.folds].map(sentence))
    reserve($('.facts', bench), trace.steps.map(facts))
  }

  function reserve(element, fillings) {
    element.style.minHeight = ''
    const stack = make('div', { className: `stack ${element.className}` })
    stack.append(...fillings.map(children => {
      const copy = element.cloneNode()
      copy.removeAttribute('role')   // nothing is read aloud while it is measured
      copy.append(...children)
      return copy
    }))
    element.after(stack)
    element.style.minHeight = `${stack.offsetHeight}px`
    stack.remove()
  }

  // ---- Lists in the place of the machine: the log, CPython's steps, a life, what if.

  function openList(key, title, rows) {
    listed = key
    const list = $('.list', bench)
    list.hidden = false
    list.replaceChildren(make('h3', {}, title), ...rows)
    const here = $('.now', list)
    if (here) within(list, here, true)
    if (key !== 'c') ($('.now a', list) ?? $('a', list) ?? bench).focus({ preventScroll: true })
  }

  function closeList() {
    listed = ''
    const list = $('.list', bench)
    if (list.contains(document.activeElement)) bench.focus({ preventScroll: true })
    list.hidden = true
  }

  const listRow = ({ at, text, kind = '', place, why }) =>
    make('p', { className: `${kind}${at && at === number ? ' now' : ''}` },
      make('span', { className: 'number' }, at ? `${at}` : ''),
      at ? make('a', { href: `#${trace.name}/${at}` }, text) : make('span', {}, text),
      place && make('span', { className: 'place' }, place), why && make('em', {}, why))

  function listSteps(key, title, numbers) {
    openList(key, title, numbers.map(k => listRow({
      at: k, text: key === 'l' && isFolding && trace.folds.find(fold => fold.first === k)?.sentence || step(k).sentence,
      kind: trace.turns.includes(step(k)) ? 'begins' : '', place: `turn ${step(k).turn}`,
    })))
  }

  /** What CPython did beside our steps, or how it went before something was otherwise. */
  function showBeside() {
    openList('c', trace.beside.title, trace.beside.rows.map(row =>
      listRow({ ...row, text: row.text ?? (row.at ? step(row.at).sentence : '') })))
  }

  // ---- The ruler: all steps of the recording, with its turns.

  function drawRuler() {
    const ticks = $('.ticks', bench)
    const unit = ticks.clientWidth / trace.steps.length
    ticks.classList.toggle('dense', unit < 4)
    let isRunning = false
    ticks.replaceChildren(...trace.turns.map(({ number: first, turn }, k) => {
      const steps = trace.steps.slice(first - 1, (trace.turns[k + 1]?.number ?? Infinity) - 1)
      const room = steps.length * unit
      const group = make('div', {}, ...steps.map(({ kind }) => {
        isRunning ||= kind === 'run'
        const tick = make('i', { className: `${kind}${isRunning ? ' in' : ''}` })
        isRunning &&= kind !== 'return'
        return tick
      }), make('b', {}, room > 50 ? turn ? `turn ${turn}` : 'before' : room > 16 && turn ? `${turn}` : ''))
      group.style.flexGrow = steps.length
      return group
    }))
    $('.ruler input', bench).max = trace.steps.length
  }

  function showPlace(now) {
    $$('.ticks i', bench).forEach((tick, k) => {
      tick.classList.toggle('past', k + 1 < number)
      tick.classList.toggle('now', k + 1 >= number && k + 1 <= lastShown())
    })
    const range = $('.ruler input', bench)
    range.value = number
    range.setAttribute('aria-valuetext', `step ${number}: ${now.sentence}`)
    $('.back', bench).disabled = number === 1
    $('.next', bench).disabled = lastShown() === trace.steps.length
    $('.turn', bench).disabled = number >= trace.turns.at(-1).number
  }

  // ---- The source.

  /** A file's lines. The chapter's files have a tab of their own; the last tab is for all others. */
  async function listingOf(file) {
    const find = () => $(`.listing[data-file="${file}"]`, bench)
    const lines = find() ?? await load(`source-${file.replace(/^Sources\//, '').replace(/[/+]/g, '-')}`).catch(() => '')
    if (!lines || find()) return find()
    const listing = make('ol', { className: 'listing', tabIndex: 0, 'data-file': file, ariaLabel: file })
    listing.innerHTML = lines
    if (!$(`.tab[data-file="${file}"]`, bench)) {
      for (const old of $$('.other', bench)) old.remove()
      listing.classList.add('other')
      const tab = { type: 'button', className: 'tab other', 'data-file': file, onclick: () => showSource({ file }) }
      $('.tabs', bench).append(make('button', tab, file.split('/').pop()))
    }
    $('.source', bench).append(listing)
    annotate()
    return listing
  }

  /** Shows a file; with a line, that one is where we are. */
  async function showSource({ file, line, number: k }, options = {}) {
    const listing = await listingOf(file)
    if (!listing || k && number !== k) return   // the reader has gone on meanwhile
    for (const tab of $$('.tab', bench)) tab.setAttribute('aria-pressed', tab.dataset.file === file)
    for (const other of $$('.listing', bench)) other.hidden = other !== listing
    const here = listing.children[line - 1]
    if (!here) return
    for (const old of $$('.listing .now', bench)) old.classList.remove('now')
    here.classList.add('now')
    within(listing, here, options.still)
  }

  /** Beside each line of source the steps that come from it; in an excerpt, that there are some. */
  function annotate() {
    for (const old of $$('[data-steps]')) delete old.dataset.steps
    for (const [place, steps] of Object.entries(Object.groupBy(trace.steps, step => `${step.file}:${step.line}`))) {
      const [file, line] = place.split(':')
      const shown = $(`.listing[data-file="${file}"]`, bench)?.children[line - 1]
      for (const place of [shown, ...$$(`.excerpt[data-file="${file}"] [data-line="${line}"]`)]) {
        if (place) place.dataset.steps = steps.slice(0, 5).map(step => step.number).join(' ') + (steps[5] ? ' …' : '')
      }
    }
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

  const rowOf = k => `.steps[data-trace="${trace.name}"] [data-step~="${k}"]`

  function showText(now, options) {
    for (const old of $$('.text .now')) old.classList.remove('now')
    const rows = $$(rowOf(number))
    const lines = $$(`.excerpt[data-file="${now.file}"] [data-line="${now.line}"]`)
    for (const element of [...rows, ...lines]) element.classList.add('now')
    const place = row => row.closest('.steps').getBoundingClientRect()
    const seen = rows.find(row => place(row).top < innerHeight * 0.85 && place(row).bottom > innerHeight * 0.1)
    if (rows.length && options.jump || seen && !options.still && !options.quiet) goToText(seen ?? rows[0], options)
  }

  function goToText(element, options = {}) {
    const place = element.getBoundingClientRect()
    const bottom = getComputedStyle(bench).position === 'fixed' ? bench.getBoundingClientRect().top : innerHeight
    if (place.top > innerHeight * 0.1 && place.bottom < bottom * 0.9) return
    scrollTo({ top: scrollY + place.top - bottom * 0.4, behavior: calm.matches || options.first ? 'auto' : 'smooth' })
  }

  // ---- Keys. They work while the machine has the focus, and nowhere else.

  const actions = {
    ArrowDown: () => lastShown() < trace.steps.length ? go(lastShown() + 1)
      : tell('this was the last step (home: first step, s: other recordings)'),
    ArrowUp: () => number > 1 ? go(folded(number - 1)) : tell('this is the first step'),
    ArrowRight: () => following ? walk(true) : actions.ArrowDown(),
    ArrowLeft: () => following ? walk(false) : actions.ArrowUp(),
    n: () => goTo(trace.turns.find(turn => turn.number > number), 'this is the last turn'),
    p: () => go(trace.turns.findLast(turn => turn.number < number)?.number ?? 1),
    Home: () => go(1), End: () => go(folded(trace.steps.length)),
    g: () => ask('go to step', typed => goTo(trace.steps[typed - 1], `there are the steps 1 to ${trace.steps.length}`)),
    '/': () => ask('find', typed => find(typed)), N: () => find('', false),
    o: () => {
      const cause = step(number).cause
      if (!cause) return tell('nothing in this run led to it: the program did, or the world')
      trail.push({ number, isFolding })
      land(cause, { hint: `this led to step ${number}; o: what led to this, backspace: back` })
    },
    Backspace: () => {
      const stop = trail.pop()
      isFolding = stop?.isFolding ?? isFolding
      goTo(stop, 'there is nowhere to go back to; o goes to what led to this step')
    },
    f: () => {
      if (following) return listSteps('f', `${following.label}, its life`, following.steps)
      following = step(number).life
      tell(following ? '' : 'this step is about no task, future, handle or descriptor')
    },
    Escape: () => { following = undefined; bench.classList.remove('zoomed'); tell() },
    u: () => {
      isFolding = !isFolding
      go(folded(number), { hint: isFolding ? 'folded what is before and after the turns' : 'all steps shown' })
    },
    d: () => {
      const [old, today, middle] = trace.parting ?? []
      const k = number === today || number !== old && number < middle ? old : today
      goTo(step(k), 'there is one shape of the code here; scars have two', () =>
        go(k, { hint: `here ${k === old ? 'the old' : "today's"} shape parts; d: the same place in the other` }))
    },
    l: () => listSteps('l', 'Log', trace.steps.map(step => step.number).filter(k => folded(k) === k)),
    c: () => listed === 'c' ? closeList() : trace.beside ? showBeside() : tell('there is no recording of CPython beside this one'),
    w: () => !step(number).could ? tell('nothing else can be here; try a system call, or where a task suspends')
      : openList('w', 'What if, here, it were this?', step(number).could.map(({ be, is }) => make('p', {},
        make('a', { href: `#${trace.name}~${number}=${be}/${number}` }, make('code', {}, be), ` ${is}`)))),
    '?': () => openList('?', 'Keys', [$('template', bench).content.cloneNode(true)]),
    b: () => $('.text .now') ? goToText($('.text .now')) : tell('the text beside does not tell of this step'),
    y: () => tell(`this is \`walkthrough ${trace.name.replace('scar-', 'scar ').replaceAll('~', ' --what-if ')}`
      + `${trace.name.includes('~') ? '' : `:${number}`}\``),
    s: () => $('select', bench).focus(),
    z: () => bench.classList.toggle('zoomed'),
    j: () => $('.machine', bench).scrollBy(0, 60), k: () => $('.machine', bench).scrollBy(0, -60),
  }
  Object.assign(actions, { ' ': actions.ArrowRight, Enter: actions.ArrowRight, h: actions['?'], q: actions.Escape })
  for (const [key, what, ...kinds] of [['e', 'end of a callback', 'return'], ['a', 'system call', 'call'],
    ['r', 'change of the ready queue', 'queue', 'run', 'skip']]) {
    const isOne = step => kinds.includes(step.kind)
    actions[key] = () => goTo(trace.steps.slice(number).find(isOne), `no ${what} comes after this step`, land)
    actions[key.toUpperCase()] = () =>
      goTo(trace.steps.slice(0, number - 1).findLast(isOne), `no ${what} comes before this step`, land)
  }
  const goTo = (step, otherwise, how = go) => step ? how(step.number) : tell(otherwise)

  function press(event) {
    const { key, target } = event
    if (event.metaKey || event.ctrlKey || event.altKey || !trace || target.matches('select, .ask input')) return
    if (target.closest('.listing') && /^(Arrow(Up|Down)|Home|End| )$/.test(key)) return
    const isList = listed && listed !== 'c' && pressInList(key)
    if (!isList && (!actions[key] || /^(Enter| )$/.test(key) && target.matches('button, a'))) return
    event.preventDefault()
    if (!isList) actions[key]()
  }

  function pressInList(key) {
    const links = $$('.list a', bench)
    const at = links.indexOf(document.activeElement)
    const to = {
      ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, PageDown: at + 10, PageUp: at - 10, Home: 0, End: Infinity,
    }[key]
    if ([listed, 'Escape', 'ArrowLeft', 'q'].includes(key)) closeList()
    else if (links.length && to !== undefined) links[Math.min(Math.max(to, 0), links.length - 1)].focus()
    else if (at >= 0 && /^(Enter| |ArrowRight)$/.test(key)) links[at].click()
    else return false
    return true
  }

  /** Along the life of what is followed; the arrows up and down go on step by step. */
  function walk(isForwards) {
    const next = isForwards ? following.steps.find(k => k > number) : following.steps.findLast(k => k < number)
    goTo(step(next), isForwards ? `this is the last of ${following.label}; escape stops following it`
      : `${following.label} begins here; escape stops following it`, land)
  }

  function ask(question, answer) {
    const form = $('.ask', bench)
    const field = make('input', { ariaLabel: question, autocomplete: 'off' })
    const leave = () => { bench.focus({ preventScroll: true }); tell() }
    form.replaceChildren(make('label', {}, `${question}: `, field))
    form.onsubmit = event => { event.preventDefault(); leave(); answer(field.value) }
    field.onkeydown = event => event.key === 'Escape' && leave()
    field.focus()
  }

  function find(typed, isForwards = true) {
    searched = typed || searched
    if (!searched) return tell('nothing was looked for yet: / and some words')
    const has = step => wordsOf(step).includes(searched.toLowerCase())
    const others = [...trace.steps.slice(number), ...trace.steps.slice(0, number - 1)]
    const found = isForwards ? others.find(has) : others.findLast(has)
    if (found) land(found.number, { hint: `found '${searched}'; / enter: the next, N: the one before` })
    else tell(has(step(number)) ? `only this step has '${searched}'` : `no step says '${searched}'`)
  }

  /** What one can find a step by: its sentence, its place, and what it changed. */
  function wordsOf({ sentence, file, line, asyncio, place, machine }) {
    const news = Object.values(machine).flat().filter(item => item.mark === '+' || item.mark === '~')
    return [sentence, `${file}:${line}`, asyncio, place, ...news.map(({ name, details, list = [] }) =>
      `${name} ${details} ${list.join(', ')}`)].join('\n').toLowerCase()
  }

  // ---- Links: a row, a label, an excerpt, a scar, a scenario move the machine and the source.

  addEventListener('click', event => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button || !bench) return
    const link = event.target.closest('a[href]')
    const place = address(link?.getAttribute('href') ?? '')
    if (place && (link.getAttribute('href')[0] === '#' || link.matches('.play'))) {
      event.preventDefault()
      history.pushState(null, '', `#${place.name}/${place.number}`)
      choose('machine')
      return play(place.name, place.number)
    }
    const row = event.target.closest('.steps [data-step]')
    const line = event.target.closest('.excerpt .ln, .listing li')
    if (link?.dataset.file) {
      event.preventDefault()
      choose('source')
      playLine(link.dataset.file, Number(link.dataset.line))
    } else if (!link && trace && !`${getSelection()}`) {
      if (row) play(row.closest('.steps').dataset.trace, Number(row.dataset.step))
      else if (line) playLine(line.closest('[data-file]').dataset.file, Number(line.dataset.line)
        || [...line.parentNode.children].indexOf(line) + 1)
    }
  })

  /** The next step that comes from a line; where none does, the source alone goes there. */
  function playLine(file, line) {
    const here = trace?.steps.filter(step => step.file === file && step.line === line) ?? []
    if (here.length) land((here.find(step => step.number > number) ?? here[0]).number)
    else showSource({ file, line })
  }

  /** On a narrow screen: which of the two is seen above the controls. */
  function choose(view) {
    bench.dataset.view = view
    for (const button of $$('.view', bench)) button.setAttribute('aria-pressed', button.value === view)
  }

  addEventListener('popstate', () => {
    const place = address(location.hash)
    if (place) play(place.name, place.number, { quiet: true })
  })
  addEventListener('beforeprint', () => $$('details').forEach(details => { details.open = true }))
  addEventListener('DOMContentLoaded', () => {
    build()
    const place = address(location.hash)
    if (place && bench) choose('machine')
    if (bench) play(place?.name ?? bench.dataset.traces.split(' ')[0], place?.number ?? Number(bench.dataset.first),
      { quiet: !place, jump: Boolean(place), first: true })
    for (const form of $$('.search')) buildSearch(form)
  })

  // ---- The search, over the text, functions and scars.

  function buildSearch(form) {
    form.hidden = false
    $('input', form).oninput = async event => {
      const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean)
      const entries = words.length ? await load('search') : []
      const found = entries.map(entry => ({ ...entry, rank: rank(entry, words) })).filter(entry => entry.rank)
        .sort((a, b) => b.rank - a.rank).slice(0, 30)
      $('ul', form).replaceChildren(...found.map(({ page, title, kind, text }) => {
        const place = Math.max(0, text.toLowerCase().indexOf(words[0]) - 60)
        return make('li', {}, make('a', { href: root + page }, title), make('span', {}, ` ${kind}`),
          make('p', {}, `${place ? '…' : ''}${text.slice(place, place + 160)}`))
      }))
      $('p[role]', form).textContent = words.length && !found.length ? 'nothing says that' : ''
    }
  }

  /** A word in the title counts more than one in the text, and every word must be somewhere. */
  const rank = ({ title, text }, words) => words.map(word => {
    const name = title.toLowerCase()
    return name === word ? 20 : name.startsWith(word) ? 12 : name.includes(word) ? 8 : text.toLowerCase().includes(word) ? 2 : 0
  }).reduce((sum, own) => sum && own && sum + own)

  return { take, source: (name, lines) => arrived.set(name, lines.replace(/^(?!<li)/gm, '<li>')) }
})()
