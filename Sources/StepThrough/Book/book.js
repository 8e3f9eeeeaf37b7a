'use strict'
// The book's only script. It plays recordings: which step comes, what the machine looks like
// after it, what the sentence says and what is asked about it was all computed when the pages
// were written. It shows, and it never simulates. Without it the text and the pictures are there.

const book = (() => {
  const $ = (what, inside = document) => inside.querySelector(what)
  const $$ = (what, inside = document) => [...inside.querySelectorAll(what)]
  const root = document.documentElement.dataset.root ?? ''
  const calm = matchMedia('(prefers-reduced-motion: reduce)')

  /** An element with its children; text stays text. */
  function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties)
    element.append(...children.filter(Boolean))
    return element
  }

  // ---- What is loaded when it is needed: recordings, sources, questions, the search.
  const files = new Map()   // name of a file: what is in it, or the promise of it
  const missing = () => new Error('this is not in the folder: `swift run walkthrough book` serves a book that has it')

  /** Loads `data/NAME.js`, once. A page from a folder may load scripts and nothing else. */
  async function load(name) {
    if (!files.has(name)) files.set(name, new Promise((resolve, reject) => document.head.append(make('script', {
      src: `${root}data/${name}.js`,
      onload: () => resolve(files.get(name)),
      onerror: () => reject(files.delete(name) && missing()),
    }))))
    return files.get(name)
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

  /** A recording. One in which something is otherwise, `accept~20=EINTR`, begins as another. */
  async function recording(name) {
    const parting = name.lastIndexOf('~')
    const base = parting > 0 ? await recording(name.slice(0, parting)) : {}
    if (base.answers) await load(`${base.name}~`)
    const trace = await load(name)
    if (!trace) throw missing()
    if (!trace.turns) {
      trace.steps = [...base.steps?.slice(0, trace.shared) ?? [], ...trace.steps].map((step, k) => ({
        mark: trace.marks.substr(3 * (k - trace.shared), 3), ...step, number: k + 1, part: trace.parts.findLast(part => part.first <= k + 1),
      }))
      trace.turns = trace.steps.filter((step, k, steps) => steps[k - 1]?.turn !== step.turn)
    }
    return trace
  }

  // ---- The bench: source above, sentence between, machine below.
  const bench = $('.bench')
  let trace            // the recording that is played
  let number = 0       // the step that was done last
  let isFolding = true // what is before and after the turns is one step
  let trail = []       // where one was before one went to a cause
  let following        // the life that one goes along, instead of step by step
  let listed = ''      // the list in the machine's place, by its key
  let cameFrom         // what had the focus before the machine was given it
  let questions = []   // what the reader is asked; none, if nobody wants to be
  let wanted = 0       // counts the recordings that were asked for

  const step = k => trace.steps[k - 1]
  // Where the whole run is seen, nothing is folded.
  const folds = () => isFolding && listed !== 't' ? trace.folds : []
  const fold = () => folds().find(fold => fold.first === number)
  const lastShown = () => fold()?.last ?? number
  const folded = k => folds().find(fold => fold.first <= k && k <= fold.last)?.first ?? k
  const focus = () => bench.focus({ preventScroll: true })
  const bounds = element => element.getBoundingClientRect()
  /** Gives the machine the focus, and with it the keys; escape gives it back. */
  const enter = from => { if (!bench.contains(from)) { cameFrom = from; focus() } }

  /** Plays a recording from a step on. */
  async function play({ name, number: at, ...options }) {
    const mine = ++wanted
    const loaded = await recording(name).catch(error => tell(error.message))
    if (!loaded || mine !== wanted) return   // the reader has asked for another one meanwhile
    if (trace !== loaded) {
      [trace, isFolding, trail, following, questions, listed] = [loaded, true, [], undefined, [], '']
      const choice = $('select', bench)
      choice.value = name
      if (!choice.value) choice.append(new Option(name.replace('scar-', 'scar ').replaceAll('~', ', what if '), name, true, true))
      layOut()
      annotate()
    }
    const hint = trace.failure && `this ends before its end: ${trace.failure}`;
    (at > 1 ? land : go)(at, { hint, ...options })
    if (options.asked && !questions.length) actions.P()
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

  /** Shows where we are. `still`: nothing happened, only the room is another. `jump`: the
      text goes along. `hint`: what there is to say about it. */
  function show(options = {}) {
    const open = question()
    bench.dataset.mode = open ? 'predicting asking' : questions.length ? 'predicting' : ''
    $('.asked', bench).replaceChildren(...open ? asked(open) : [])
    $('.reason', bench).textContent = open ? reason(open) : ''
    if (open || !options.still && !views[listed]) closeList()
    const now = { ...step(number), ...fold() }
    $('.phase p', bench).textContent = step(lastShown()).phase
    $('.count', bench).replaceChildren(`${number}`, make('small', {}, ` of ${trace.steps.length}`))
    $('.sentence', bench).replaceChildren(...sentence(now))
    $('.facts', bench).replaceChildren(...facts(now))
    tell(options.hint)
    for (const section of $$('.section', bench)) {
      const items = now.machine[section.dataset.title] ?? []
      section.classList.toggle('changed', items.some(item => item.mark))
      section.classList.toggle('empty', items.length === 0)
      $('ul', section).replaceChildren(...items.map(row))
    }
    const [pane, news] = [$('.machine', bench), $$('.section li:is(.added, .altered, .removed)', bench)]
    const isIn = one => bounds(one).top >= bounds(pane).top && bounds(one).bottom <= bounds(pane).bottom
    if (news.length && !options.still && !news.some(isIn)) within(pane, news[0], true)
    $$('.ticks i', bench).forEach((tick, k) => tick.classList.toggle('now', k + 1 >= number && k + 1 <= lastShown()))
    $('.ruler input', bench).value = number
    views[listed]?.()
    showSource(now, options)
    showText(now, options)
    if (!options.still) history.replaceState(null, '', `#${trace.name}/${number}`)
  }
  function sentence(now) {
    const call = now.kind?.startsWith('call') && !now.first && /^(.*? → .*?): (.*)$/s.exec(now.sentence)
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
    const { label, steps } = following ?? {}
    $('.hint', bench).textContent = text || (label ? `${label}: station ${steps.indexOf(number) + 1 || '–'} of ${steps.length}`
      + ' · → ← along its life · f lists them · esc ends' : '')
  }

  // ---- The machine.
  /** An item; only what has changed of it has the colour of what changes. */
  function row({ mark = '', name, details, changed, list }) {
    const callback = name => make('li', { className: name[0] === '+' ? 'news' : '' }, name.replace(/^\+/, ''))
    return make('li', { className: mark }, make('span', { className: 'name' }, name),
      details && make('span', { className: 'details' }, details),
      changed && make('span', { className: 'details news' }, changed),
      list && make('span', { className: 'when' }, 'when done'), list && make('ol', {}, ...list.map(callback)))
  }

  /** Every part gets the room of the most that is ever in it: nothing moves from step to step. */
  function layOut() {
    for (const section of $$('.section', bench)) {
      const states = new Set(trace.steps.map(({ machine }) => machine[section.dataset.title]).filter(Boolean))
      section.hidden = !states.size
      section.classList.toggle('never', ![...states].some(items => items.length))
      reserve($('ul', section), [...states].map(items => items.map(row)))
    }
    reserve($('.sentence', bench), [...trace.steps, ...trace.folds].map(sentence))
    reserve($('.facts', bench), trace.steps.map(facts))
    reserve($('.asked', bench), questions.map(asked))
    reserve($('.reason', bench), questions.flatMap(one => one.choices.map((choice, k) => [reason({ ...one, tried: [k] })])))
    $('.ruler input', bench).max = trace.steps.length
    $('.ticks', bench).replaceChildren(...trace.turns.map(({ number: first, turn }, k) => {
      const steps = trace.steps.slice(first - 1, (trace.turns[k + 1]?.number ?? Infinity) - 1)
      const ticks = steps.map(({ kind, number, sentence }) => make('i', { className: kind, title: `${number} ${sentence}` }))
      const group = make('div', {}, ...ticks, make('b', { className: turn ? 'turn' : '' }, turn ? `${turn}` : 'before'))
      group.style.flexGrow = steps.length
      return group
    }))
  }
  function reserve(element, fillings) {
    const copy = children => make(element.localName, { className: element.className }, ...children)
    const stack = make('div', { className: `stack ${element.className}` }, ...fillings.map(copy))
    element.after(stack)
    element.style.minHeight = `${stack.offsetHeight}px`
    stack.remove()
  }

  // ---- What next? Before some steps the reader says which one comes.
  const question = () => questions.find(one => !one.isOver && one.step === lastShown() + 1)
  const asked = one => [
    make('p', {}, 'What is the next step?', make('span', {}, ` question ${questions.indexOf(one) + 1} of ${questions.length}`
      + (one.note ? `; ${one.note}` : ''))),
    ...one.choices.map(({ is }, k) => make('button', { type: 'button', className: one.tried.includes(k) ? 'tried' : '',
      onclick: () => act(`${k + 1}`) }, make('kbd', {}, `${k + 1}`), is)),
  ]
  const reason = ({ choices, tried, place }) => tried.length ? `no: ${choices[tried.at(-1)].no} (${place})` : ''

  /** Begins to ask for some of the steps that come after this one, or ends it. */
  async function toggleQuestions() {
    const all = questions.length ? [] : (await load('questions'))[trace.name]
    const hint = questions.length ? 'no more questions' : all ? 'no questions here: nothing that comes is certain'
      : 'questions are for recordings of scenarios and scars; the terminal asks about a what if as well'
    const start = all?.some(one => one.step > lastShown()) ? lastShown() : 0
    // Which some ten of them a reader gets depends on where they begin.
    questions = (all ?? []).filter(one => one.from <= start && start < one.step).map(one => ({ ...one, tried: [] }))
    layOut()
    show({ still: true, hint })
    if (questions.length) goToQuestion(lastShown() + 1)
  }
  function goToQuestion(from) {
    const open = questions.filter(one => !one.isOver)
    const next = open.find(one => one.step >= from)
    if (next) land(next.step - 1)
    else tell(open.length ? 'no question comes after this step' : 'that was the last question; P ends it')
  }

  /** The keys that have to do with questions. None of those that step is an answer. */
  function answer(key) {
    const open = question()
    const choice = open?.choices[key - 1]
    if (key === 'n') goToQuestion(lastShown() + (open ? 2 : 1))
    else if (key === 'c') tell("CPython's steps would tell; P ends the questions")
    else if (!open || /^(Escape|ArrowUp|ArrowLeft|Home|[jkz?hqbygsP])$/.test(key)) return false
    else if (choice?.no) {
      open.tried.push(key - 1)
      $$('.asked button', bench)[key - 1].className = 'tried'
      $('.reason', bench).textContent = reason(open)
      showSource({ ...open, number })
    } else if (choice || key === '.') {
      open.isOver = true
      if (document.activeElement.closest('.asked')) focus()
      go(open.step, { hint: `${choice ? 'yes' : 'so it is'}: ${open.place} decides` })
      showSource({ ...open, number })
    } else tell(`first the question: 1 to ${open.choices.length} answer it, . shows what comes, n goes to the next one`)
    return true
  }

  // ---- Lists in the place of the machine: the log, CPython's steps, a life, what if.
  function openList(key, title, rows, ...above) {
    const [list, pane] = [$('.list', bench), make('div', { className: 'rows' }, ...rows)]
    listed = key
    list.hidden = false
    list.replaceChildren(make('h3', {}, title), ...above, pane)
    const here = $('.now', pane)
    if (here) within(pane, here, true)
    if (!views[key]) ($('.now a', list) ?? $('a', list) ?? bench).focus({ preventScroll: true })
  }
  function closeList() {
    listed = ''
    const list = $('.list', bench)
    if (list.contains(document.activeElement)) focus()
    list.hidden = true
  }

  // What stays while one steps: what CPython did, or how it went before; and the whole run.
  const views = { c: () => openList('c', trace.beside.title, trace.beside.rows.map(listRow)), t: showLanes }
  const begins = k => trace.turns.includes(step(k))
  const listRow = ({ at, text = at ? step(at).sentence : '', kind = begins(at) ? 'begins' : '', place, why }) =>
    make('p', { className: `${kind}${at && at === number ? ' now' : ''}` },
      make('span', { className: 'number' }, at && `${at}`),
      at ? make('a', { href: `#${trace.name}/${at}` }, text) : make('span', {}, text),
      place && make('span', { className: 'place' }, place), why && make('em', {}, why))
  function listSteps(key, title, numbers) {
    openList(key, title, numbers.map(k => listRow({
      at: k, text: key === 'l' ? folds().find(fold => fold.first === k)?.sentence : undefined, place: `turn ${step(k).turn}`,
    })))
  }

  // ---- The whole run: a lane for each task and for each part of the machine.
  const stepsHere = () => trace.steps.filter(one => one.part === step(number).part)
  // A step's mark is its lane, its sign, and what its cause has done to it.
  const laneOf = ({ mark, part }) => part.lanes.findIndex(lane => lane[0] === mark[0])
  const ledTo = { q: 'queued', s: 'settled', w: 'woken' }
  const lives = { '+': '·', '.': '·', '>': '─', '=': ' ' }   // a task's, from that sign on
  function showLanes() {
    const [now, steps] = [step(number), stepsHere()]
    const isCause = (one, other) => ledTo[other.mark[2]] && other.cause === one.number
    const link = one => make('a', { href: `#${trace.name}/${one.number}`, tabIndex: -1, className: one === now ? 'now'
      : isCause(one, now) || isCause(now, one) ? 'linked' : '' }, one.mark[1])
    const lanes = make('div', { className: 'lanes', ariaHidden: 'true' }, ...now.part.lanes.map(([own, ...name]) => {
      let life = ' '
      return make('p', {}, make('b', {}, name.join('')), ...steps.flatMap(one => {
        if (one.mark[0] === own && own >= 'A') life = lives[one.mark[1]] ?? life
        return [begins(one.number) && make('i', {}, `${one.turn}`), one.mark[0] === own ? link(one) : life]
      }))
    }))
    const rows = steps.map(({ number: at, mark, sentence, cause }) =>
      listRow({ at, text: `${mark[1]} ${sentence}`, place: ledTo[mark[2]] && `← ${ledTo[mark[2]]} by ${cause}` }))
    openList('t', 'All of it', rows, lanes, $('template.signs', bench).content.cloneNode(true))
    lanes.scrollLeft = $('.now', lanes).offsetLeft - lanes.clientWidth / 2
  }
  /** To the next lane above or below that has a step in it, and there to the nearest one. */
  function changeLane(by) {
    const here = laneOf(step(number))
    const far = one => 1e6 * Math.abs(laneOf(one) - here) + Math.abs(one.number - number)
    const others = stepsHere().filter(one => (laneOf(one) - here) * by > 0)
    goTo(others.sort((a, b) => far(a) - far(b))[0], `there is no lane ${by < 0 ? 'above' : 'below'} with a step in it`)
  }

  // ---- The source.
  const sourceName = file => `source-${file.replace(/^Sources\//, '').replace(/[/+]/g, '-')}`

  /** Shows a file; with a line, that one is where we are. The last tab is for files without one. */
  async function showSource({ file, line, number: k }, options = {}) {
    const lines = await load(sourceName(file)).catch(() => '')
    if (!lines || k && number !== k) return   // the reader has gone on meanwhile
    const listing = $('.listing', bench)
    const isNew = listing.dataset.file !== file
    if (isNew) {
      const tab = $(`.tab[data-file="${file}"]`, bench) ?? $$('.tab', bench).at(-1)
      Object.assign(tab, { textContent: file.split('/').pop(), hidden: false }).dataset.file = file
      for (const tab of $$('.tab', bench)) tab.ariaPressed = tab.dataset.file === file
      listing.dataset.file = listing.ariaLabel = file
      listing.innerHTML = lines
      annotate()
    }
    const here = listing.children[line - 1]
    if (!here) return
    $('.now', listing)?.classList.remove('now')
    here.classList.add('now')
    within(listing, here, isNew || options.still)
  }
  /** Beside each line of source the steps that come from it; in an excerpt, that there are some. */
  function annotate() {
    for (const old of $$('[data-steps]')) delete old.dataset.steps
    for (const [place, steps] of Object.entries(Object.groupBy(trace.steps, step => `${step.file}:${step.line}`))) {
      const [file, line] = place.split(':')
      for (const shown of $$(`[data-file="${file}"] :is([data-line="${line}"], li:nth-child(${line}))`)) {
        shown.dataset.steps = steps.map(step => step.number).join(' ')
      }
    }
  }
  /** Scrolls a pane, and only the pane, until the element stands well in it. */
  function within(pane, element, isSilent, outer = bounds(pane)) {
    const inner = bounds(element)
    const margin = Math.min(60, outer.height / 5)
    if (inner.top >= outer.top + margin && inner.bottom <= outer.bottom - margin) return
    pane.scrollBy({ top: inner.top - outer.top - outer.height * 0.42, behavior: calm.matches || isSilent ? 'auto' : 'smooth' })
  }

  // ---- The text.
  const rowOf = k => `.steps[data-trace="${trace.name}"] [data-step~="${k}"]`
  /** Marks what it says of this step. While a question is open, what it says of later ones is veiled. */
  function showText(now, options) {
    for (const row of $$('.steps [data-step]')) row.classList.toggle('veiled', Boolean(question())
      && row.dataset.step.split(' ').at(-1) > number && row.closest('.steps').dataset.trace === trace.name)
    const isSeen = ({ top, bottom }) => top < innerHeight && bottom > 40
    const table = $$('.steps .now').find(row => isSeen(bounds(row)))?.closest('.steps')
    for (const old of $$('.text .now')) old.classList.remove('now')
    const rows = $$(rowOf(number))
    const lines = `.excerpt[data-file="${now.file}"] [data-line="${now.line}"]`
    for (const here of [...rows, ...$$(lines)]) here.classList.add('now')
    // The text follows only who has the row before in sight.
    const row = rows.find(row => row.closest('.steps') === table) ?? (options.jump && rows[0])
    if (row && !options.still) goToText(row, options.jump)
  }
  function goToText(element, isSilent) {
    const bottom = getComputedStyle(bench).position === 'fixed' ? bounds(bench).top : innerHeight
    within(document.documentElement, element, isSilent, new DOMRect(0, 0, 0, bottom))
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
    g: () => $('[name=step]', bench).select(), '/': () => $('[name=words]', bench).select(), N: () => find(false),
    o: () => {
      const cause = step(number).cause
      if (!cause) return tell('nothing in this run led to it: the program did, or the world')
      trail.push({ number, isFolding })
      land(cause, { hint: `this led to step ${number}; o: what led to this, backspace: back` })
    },
    Backspace: () => {
      const stop = trail.pop()
      const back = k => { isFolding = stop.isFolding; go(k) }
      goTo(stop, 'there is nowhere to go back to; o goes to what led to this step', back)
    },
    f: () => {
      if (following) return listSteps('f', `${following.label}, its life`, following.steps)
      following = step(number).life
      tell(following ? '' : 'this step is about no task, future, handle or descriptor')
    },
    Escape: () => {
      tell()
      if (following || bench.matches('.zoomed')) following = bench.classList.remove('zoomed')
      else if (trace.name.includes('~')) play({ name: trace.name.replace(/~[^~]*$/, ''), number: parseInt(trace.name.split('~').pop()) })
      else if (cameFrom) { document.activeElement.blur(); cameFrom.focus({ preventScroll: true }) }
    },
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
    c: () => listed === 'c' ? closeList() : trace.beside ? views.c()
      : tell('there is no recording of CPython beside this one'),
    w: () => !step(number).could ? tell('nothing else can be here; try a system call, or where a task suspends')
      : openList('w', 'What if, here, it were this?', step(number).could.map(({ be, is }) => make('p', {},
        make('a', { href: `#${trace.name}~${number}=${be}/${number}` }, make('code', {}, be), ` ${is}`)))),
    '?': () => openList('?', 'Keys', [$('template', bench).content.cloneNode(true)]),
    t: showLanes, P: () => toggleQuestions().catch(error => tell(error.message)),
    b: () => $('.text .now') ? goToText($('.text :is(tr, td).now') ?? $('.text .now')) : tell('the text beside does not tell of this step'),
    y: () => tell(`this page with #${trace.name}/${number}; in a terminal walkthrough ${trace.name.replace('scar-', 'scar ')
      .replaceAll('~', ' --what-if ')}${trace.name.includes('~') ? '' : `:${number}`}`),
    s: () => { $('select', bench).focus(); $('select', bench).showPicker?.() },
    z: () => bench.classList.toggle('zoomed'),
    j: () => $('.machine', bench).scrollBy(0, 60), k: () => $('.machine', bench).scrollBy(0, -60),
  }
  Object.assign(actions, { ' ': actions.ArrowRight, Enter: actions.ArrowRight, h: actions['?'], q: actions.Escape })
  for (const [key, what, kinds] of [['e', 'end of a callback', /return/], ['a', 'system call', /call/],
    ['r', 'change of the ready queue', /queue|run|skip/]]) {
    const isOne = step => kinds.test(step.kind)
    actions[key] = () => goTo(trace.steps.slice(number).find(isOne), `no ${what} comes after this step`, land)
    actions[key.toUpperCase()] = () =>
      goTo(trace.steps.slice(0, number - 1).findLast(isOne), `no ${what} comes before this step`, land)
  }
  const goTo = (step, otherwise, how = go) => step ? how(step.number) : tell(otherwise)
  const leaveLanes = () => { closeList(); show({ still: true }) }
  const inLanes = {
    ArrowUp: () => changeLane(-1), ArrowDown: () => changeLane(1), Enter: () => { closeList(); land(number) },
    t: leaveLanes, Escape: leaveLanes, q: leaveLanes,
  }
  const inField = {
    Escape: focus,
    Enter({ name, value }) {
      focus()
      name === 'words' ? find(true) : goTo(step(value), `there are the steps 1 to ${trace.steps.length}`)
    },
  }
  /** Does what a key asks for, or its button. */
  function act(key) {
    if (!questions.length || !answer(key)) (listed === 't' && inLanes[key] || actions[key])()
  }
  function press(event) {
    const { key, target } = event
    if (event.metaKey || event.ctrlKey || event.altKey || !trace) return
    if (target.matches('select')) return /^(Escape|Enter)$/.test(key) ? focus() : undefined
    if (target.matches('.ask input')) return inField[key]?.(target)
    if (target.closest('.listing') && /^(Arrow(Up|Down)|Home|End| )$/.test(key)) return
    const isList = listed && !views[listed] && pressInList(key)
    const isKey = actions[key] || question() && /^[1-9.]$/.test(key)
    if (!isList && (!isKey || /^(Enter| )$/.test(key) && target.matches('button, a'))) return
    event.preventDefault()
    if (!isList) act(key)
  }
  function pressInList(key) {
    const links = $$('.list a', bench)
    const at = links.indexOf(document.activeElement)
    const by = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: 10, PageUp: -10, Home: -1e4, End: 1e4 }[key]
    if ([listed, 'Escape', 'ArrowLeft', 'q'].includes(key)) closeList()
    else if (by && links.length) links[Math.min(Math.max(at + by, 0), links.length - 1)].focus()
    else if (at >= 0 && /^(Enter| |ArrowRight)$/.test(key)) links[at].click()
    else if (by || key === ' ') $('.rows', bench).scrollBy(0, 40 * (by ?? 8))
    else return false
    return true
  }
  /** Along the life of what is followed; the arrows up and down go on step by step. */
  function walk(isForwards) {
    const next = isForwards ? following.steps.find(k => k > number) : following.steps.findLast(k => k < number)
    goTo(step(next), isForwards ? `this is the last of ${following.label}; escape stops following it`
      : `${following.label} begins here; escape stops following it`, land)
  }
  function find(isForwards) {
    const words = $('[name=words]', bench).value
    if (!words) return tell('nothing was looked for yet: / and some words')
    // What one can find a step by: its sentence, its place, and what it changed.
    const has = ({ sentence, file, line, asyncio, place, machine }) => [sentence, `${file}:${line}`, asyncio, place,
      ...Object.values(machine).flat().filter(item => /added|altered/.test(item.mark))
        .flatMap(({ name, details, changed, list = [] }) => [name, details, changed, ...list]),
    ].some(text => text?.toLowerCase().includes(words.toLowerCase()))
    const others = [...trace.steps.slice(number), ...trace.steps.slice(0, number - 1)]
    const found = isForwards ? others.find(has) : others.findLast(has)
    if (found) land(found.number, { hint: `found '${words}'; / enter: the next, N: the one before` })
    else tell(has(step(number)) ? `only this step has '${words}'` : `no step says '${words}'`)
  }

  // ---- Links: a row, a label, an excerpt, a scar, a scenario move the machine and the source.
  addEventListener('click', event => {
    if (!trace || event.metaKey || event.ctrlKey || event.shiftKey || `${getSelection()}`) return
    const link = event.target.closest('a[href]')
    const row = event.target.closest('.steps [data-step]')
    const line = event.target.closest('.excerpt .ln, .listing li')
    if (link?.dataset.file) {
      event.preventDefault()
      $('.view.of-source', bench).open = true
      enter(link)
      playLine(link.dataset.file, Number(link.dataset.line))
    } else if (link) return /^#.+\//.test(link.getAttribute('href')) && enter(link)
    if (row || line) enter($('a', row ?? line) ?? event.target)
    if (row) play({ name: row.closest('.steps').dataset.trace, number: Number(row.dataset.step) })
    else if (line) playLine(line.closest('[data-file]').dataset.file, Number(line.dataset.line)
      || [...line.parentNode.children].indexOf(line) + 1)
  })
  /** The next step that comes from a line; where none does, the source alone goes there. */
  function playLine(file, line) {
    const here = trace.steps.filter(step => step.file === file && step.line === line)
    if (here.length) land((here.find(step => step.number > number) ?? here[0]).number)
    else showSource({ file, line })
  }

  /** Goes where the address says, `#accept/25`; with a `?` behind it the reader is asked from there on. */
  function visit(otherwise) {
    const [there, name, number, asked] = /^#([\w~=.-]+)\/(\d+)(\?)?$/.exec(location.hash) ?? []
    if (!there) return otherwise && play({ ...otherwise, still: true })
    $('.view.of-machine', bench).open = true
    play({ name, number: Number(number), asked, jump: otherwise })
  }

  // ---- The search, over the text, functions and scars.
  /** A word in the title counts more than one in the text, and every word must be somewhere. What
      counts the same stays in the order of the book's own list. */
  const rank = ({ title, text }, words) => words.map(word => {
    const name = title.toLowerCase()
    return name.split(/[^\w.[-]+/).includes(word) ? 10 : name.includes(word) ? 6 : text.toLowerCase().includes(word) ? 2 : 0
  }).reduce((sum, own) => sum && own && sum + own)

  // Where the page has no room for it, it comes in front of the page.
  const search = $('.search') ?? document.body.appendChild(make('dialog', { className: 'search' },
    make('input', { type: 'search', ariaLabel: 'Search', placeholder: 'Search: text, functions, scars' }),
    make('p', { role: 'status' }), make('ul')))
  const openSearch = event => { event.preventDefault(); search.showModal?.(); $('input', search).focus() }
  search.hidden = false
  $('input', search).oninput = async event => {
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean)
    const found = (words.length ? await load('search') : []).map(entry => ({ ...entry, rank: rank(entry, words) }))
      .filter(entry => entry.rank).sort((a, b) => b.rank - a.rank)
    $('ul', search).replaceChildren(...found.slice(0, 30).map(({ page, title, kind, text }) => {
      const place = Math.max(0, text.toLowerCase().indexOf(words[0]) - 60)
      return make('li', {}, make('a', { href: root + page }, title), make('span', {}, ` ${kind}`),
        make('p', {}, `${place ? '…' : ''}${text.slice(place, place + 160)}`))
    }))
    $('p', search).textContent = found[30] ? `the first 30 of ${found.length}` : found[0] || !words[0] ? '' : 'nothing says that'
  }
  search.addEventListener('keydown', event => {
    const [stops, by] = [$$('input, a', search), { ArrowDown: 1, ArrowUp: -1 }[event.key]]
    if (by) { event.preventDefault(); stops.at((stops.indexOf(event.target) + by) % stops.length).focus() }
    if (event.key === 'Enter' && event.target === stops[0]) stops[1]?.click()
  })
  search.addEventListener('click', event => event.target.closest('a') && search.close?.())
  $('.find').onclick = openSearch
  addEventListener('keydown', event => { if (event.key === '/' && event.target === document.body) openSearch(event) })
  for (const link of $$('.inside a')) link.onclick = () => { $('.inside').open = false }

  if (bench) load('bench').then(html => {
    bench.insertAdjacentHTML('beforeend', html)
    bench.addEventListener('keydown', press)
    $('.sentence', bench).onclick = () => { if (fold()) actions.u() }
    $('select', bench).append(...bench.dataset.traces.split(' ').map(name => new Option(name.replace('scar-', 'scar '), name)))
    $('select', bench).onchange = event => { play({ name: event.target.value, number: 1 }); focus() }
    for (const button of $$('[data-key]', bench)) button.onclick = () => act(button.dataset.key)
    for (const link of $$('.play')) link.href = link.hash   // what can be played is played here
    for (const tab of $$('.tab', bench)) tab.onclick = () => showSource({ file: tab.dataset.file })
    const { dataset: { file }, innerHTML } = $('.listing', bench)
    if (file) files.set(sourceName(file), innerHTML)
    const ruler = $('.ruler', bench)
    $('input', ruler).oninput = event => go(Number(event.target.value))
    ruler.onpointermove = event => event.buttons && go(1 + $$('.ticks i', ruler)
      .findLastIndex(tick => bounds(tick).left <= event.clientX))
    ruler.onpointerdown = event => { ruler.setPointerCapture(event.pointerId); ruler.onpointermove(event) }
    new ResizeObserver(() => trace && (layOut(), show({ still: true }))).observe(bench)
    addEventListener('popstate', () => visit())
    visit({ name: $('select', bench).value, number: Number(bench.dataset.first) })
  })
  return {
    take(name, table) {
      files.set(name, unpack(table))
      // `accept~` is all that could have been otherwise in `accept`.
      if (name.endsWith('~')) for (const course of files.get(name)) files.set(course.name, course)
    },
    source: (name, lines) => files.set(name, lines.replace(/^(?!<li)/gm, '<li>')),
  }
})()
