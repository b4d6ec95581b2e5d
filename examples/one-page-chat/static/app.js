// The page of one-page-chat. Whatever anybody typed reaches the document as text alone: h() makes text nodes of strings.
const { createApp, h, nextTick } = Vue;

const emoji = new Map(Object.entries({
  robot: '🤖', smile: '😄', joy: '😂', wink: '😉', thinking: '🤔', cry: '😢', heart: '❤️', thumbsup: '👍', '+1': '👍',
  clap: '👏', wave: '👋', eyes: '👀', tada: '🎉', fire: '🔥', rocket: '🚀', coffee: '☕', bug: '🐛', star: '⭐',
}));
const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (code, name) => emoji.get(name) ?? code);

const maxLines = 500; // the oldest beyond are let go
const firstWait = 500; // ms until the first attempt to reconnect; doubled each time, up to lastWait
const lastWait = 10_000;

const App = {
  data: () => ({
    email: '', username: '', // as typed
    notices: { email: '', username: '' }, // what is wrong with them
    me: null, // { email, username }, trimmed, once the form was sent
    inside: false, // the server has let us in
    status: '', // connecting, connected, disconnected
    people: new Map(), // name -> avatar
    showPeople: false,
    lines: [], // { id, kind, username, avatar, text, to, at }
    text: '', to: '', hint: '',
    following: true, // the newest line is in view
    missed: 0,
  }),

  methods: {
    enter(event) {
      event.preventDefault();
      this.email = this.email.trim();
      this.username = this.username.trim();
      this.notices.email = !this.email ? 'Enter your e-mail address.'
        : /^[^\s@]+@[^\s@]+$/.test(this.email) ? '' : 'That does not look like an e-mail address.';
      this.notices.username = !this.username ? 'Enter a user name.'
        : this.username.includes('@') ? 'A user name has no @: everyone sees it.' : '';
      const wrong = ['email', 'username'].find((field) => this.notices[field]);
      if (wrong) return this.$refs[wrong].focus();
      this.me = { email: this.email, username: this.username };
      this.connect();
    },

    connect() {
      this.status = 'connecting';
      const socket = new WebSocket(new URL('ws', location.href).href.replace(/^http/, 'ws'));
      this.socket = socket;
      socket.onopen = () => {
        this.people.clear();
        socket.send(JSON.stringify(this.me));
      };
      socket.onmessage = ({ data }) => {
        if (this.socket === socket) this.hear(JSON.parse(data));
      };
      socket.onclose = () => {
        if (this.socket !== socket) return;
        this.status = 'disconnected';
        this.wait = Math.min((this.wait ?? firstWait / 2) * 2, lastWait);
        setTimeout(() => this.me && this.connect(), this.wait * (0.5 + Math.random() / 2));
      };
    },

    hear({ type, username, message, avatar, to, code }) {
      if (type === 'error' && this.status !== 'connected') return this.refused(code, message);
      const mine = this.me.username.toLowerCase() === username?.toLowerCase();
      if (type === 'here') {
        this.people.set(username, avatar);
        if (mine) this.arrived();
        return;
      }
      if (type === 'joined') this.people.set(username, avatar);
      if (type === 'left') this.people.delete(username);
      if (this.inside && !(type === 'joined' && mine)) {
        this.add({ kind: type ?? 'message', username, avatar, text: message, to, mine });
      }
    },

    arrived() {
      this.status = 'connected';
      this.wait = undefined;
      if (!this.inside) {
        this.add({ kind: 'joined', text: `Welcome, ${this.me.username}. Click a name to write to one person alone; :robot: becomes ${emoji.get('robot')}.` });
      }
      this.inside = true;
      nextTick(() => this.$refs.text.focus());
    },

    // The server does not take us as we are: back to the form, with its reason.
    refused(code, why) {
      const field = code === 'invalid' && why.startsWith('email') ? 'email' : 'username';
      this.notices[field] = code === 'conflict' ? 'Somebody else has this name just now.' : `${why}.`;
      this.me = null;
      this.inside = false;
      this.socket.close();
      this.socket = null;
      nextTick(() => this.$refs[field].focus());
    },

    add(line) {
      this.lines.push({ ...line, id: (this.last = (this.last ?? 0) + 1), at: new Date() });
      if (this.lines.length > maxLines) this.lines.shift();
      if (line.mine) this.following = true;
      if (!this.following) this.missed++;
    },

    follow() {
      const log = this.$refs.log;
      if (!log) return;
      log.scrollTop = log.scrollHeight;
      this.following = true;
      this.missed = 0;
    },

    scrolled({ target }) {
      this.following = target.scrollHeight - target.scrollTop - target.clientHeight < 24;
      if (this.following) this.missed = 0;
    },

    send(event) {
      event.preventDefault();
      const command = /^\/msg(?!\S)/.test(this.text);
      const [to, message] = command ? this.addressed() : [this.to, this.text];
      if (command && !(to && message)) {
        this.hint = 'Write /msg NAME TEXT.';
      } else if (to && !this.others().includes(to)) {
        this.hint = `Nobody else here is called ${to}.`;
      } else if (!message.trim()) {
        this.hint = 'Write something first.';
      } else if (this.status !== 'connected') {
        this.hint = 'Not connected: your text stays here.';
      } else {
        this.socket.send(JSON.stringify({ ...this.me, message, ...(to && { to }) }));
        this.text = this.hint = '';
      }
      this.$refs.text.focus();
    },

    others() {
      return [...this.people.keys()].filter((name) => name.toLowerCase() !== this.me.username.toLowerCase());
    },

    // The name and the text of "/msg NAME TEXT". Names may have spaces: of those here it is the longest that fits.
    addressed() {
      const rest = this.text.slice('/msg'.length).trim();
      const fits = (name) => `${rest} `.toLowerCase().startsWith(`${name.toLowerCase()} `);
      const [known] = this.others().filter(fits).sort((a, b) => b.length - a.length);
      const [first] = rest.split(/\s/, 1);
      return [known ?? first, rest.slice((known ?? first).length).trim()];
    },

    // Messages are private until the chip above the input is closed.
    speakTo(name) {
      this.showPeople = false;
      if (name.toLowerCase() === this.me.username.toLowerCase()) return;
      this.to = name;
      this.hint = '';
      this.$refs.text.focus();
    },

    speakToAll() {
      this.to = '';
      this.$refs.text.focus();
    },

    leave() {
      this.me = null;
      this.inside = false;
      this.lines = [];
      this.to = this.text = '';
      const { socket } = this;
      this.socket = null;
      socket.close(1000);
      nextTick(() => this.$refs.email.focus());
    },
  },

  mounted() {
    this.$refs.email.focus();
    addEventListener('resize', () => this.following && this.follow()); // a phone's keyboard, say
  },

  updated() {
    if (this.following) this.follow(); // the composer may have grown
  },

  render() {
    return this.inside ? this.chat() : this.form();
  },
};

Object.assign(App.methods, {
  form() {
    return h('main', { class: 'entry' }, [
      h('form', { class: 'card', novalidate: true, onSubmit: this.enter }, [
        h('img', { class: 'mark', src: 'icon.svg', alt: '' }),
        h('h1', 'One-page chat'),
        h('p', { class: 'muted' }, 'Everyone sees your name. Nobody sees your address.'),
        this.field('email', 'E-mail', { type: 'email', autocomplete: 'email', maxlength: 254 }),
        this.field('username', 'User name', { type: 'text', autocomplete: 'nickname', maxlength: 32 }),
        h('button', { class: 'primary', disabled: this.me !== null }, 'Join the chat'),
        h('p', { class: 'muted wait', role: 'status' }, this.me && {
          connecting: 'Connecting…', disconnected: 'The server does not answer. Trying again…',
        }[this.status]),
      ]),
    ]);
  },

  field(name, label, attributes) {
    const notice = this.notices[name];
    return h('div', { class: 'field' }, [
      h('label', { for: name }, label),
      h('input', {
        ...attributes, id: name, ref: name, value: this[name], onInput: (event) => (this[name] = event.target.value),
        'aria-required': 'true', 'aria-invalid': notice ? 'true' : undefined, 'aria-describedby': notice ? `${name}-notice` : undefined,
      }),
      h('p', { id: `${name}-notice`, class: 'notice', role: 'alert' }, notice),
    ]);
  },

  chat() {
    return h('div', { class: 'chat' }, [
      h('header', [
        h('img', { class: 'mark', src: 'icon.svg', alt: '' }),
        h('h1', 'One-page chat'),
        h('span', { class: ['status', this.status], role: 'status' }, this.status),
        h('button', {
          class: 'plain', 'aria-expanded': String(this.showPeople), 'aria-controls': 'people', onClick: () => (this.showPeople = !this.showPeople),
        }, `${this.people.size} here`),
        h('button', { class: 'plain', onClick: this.leave }, 'Leave'),
      ]),
      h('main', [
        h('div', { class: 'log', role: 'log', 'aria-label': 'Messages', tabindex: 0, ref: 'log', onScroll: this.scrolled }, this.lines.map(this.line)),
        this.missed > 0 && h('button', { class: 'latest', onClick: this.follow }, `${this.missed} new below ↓`),
        this.composer(),
      ]),
      this.folk(),
    ]);
  },

  line(line) {
    if (line.kind === 'joined' || line.kind === 'left') return h('p', { key: line.id, class: 'event' }, line.text);
    if (line.kind === 'error') return h('p', { key: line.id, class: 'event error' }, line.text);
    const secret = line.kind === 'private';
    const time = line.at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    return h('article', { key: line.id, class: ['message', { secret, mine: line.mine }] }, [
      h('img', { class: 'avatar', src: line.avatar, alt: '', width: 36, height: 36 }),
      h('div', { class: 'said' }, [
        h('div', { class: 'who' }, [
          this.name(line.username, line.mine),
          secret && h('span', { class: 'lock' }, line.mine ? `privately to ${line.to}` : 'privately to you'),
          h('time', { datetime: line.at.toISOString() }, time),
        ]),
        h('p', { class: 'text' }, withEmoji(line.text)),
      ]),
    ]);
  },

  name(name, mine) {
    return mine ? h('span', { class: 'chip me' }, name)
      : h('button', { class: 'chip', title: `Write to ${name} privately`, onClick: () => this.speakTo(name) }, name);
  },

  composer() {
    return h('form', { class: ['composer', { secret: this.to }], onSubmit: this.send }, [
      this.to && h('p', { class: 'to' }, [
        'Private, to ', h('b', this.to),
        h('button', { type: 'button', class: 'plain', onClick: this.speakToAll }, 'Write to everyone'),
      ]),
      h('div', { class: 'row' }, [
        h('label', { for: 'text', class: 'unseen' }, 'Message'),
        h('input', {
          id: 'text', ref: 'text', value: this.text, maxlength: 1000, autocomplete: 'off', enterkeyhint: 'send',
          placeholder: this.to ? `Message ${this.to} privately` : 'Message everyone',
          'aria-describedby': 'hint', 'aria-invalid': this.hint ? 'true' : undefined,
          onInput: (event) => { this.text = event.target.value; this.hint = ''; },
          onKeydown: (event) => event.key === 'Escape' && this.to && this.speakToAll(),
        }),
        h('button', { class: 'primary', disabled: this.status !== 'connected' }, 'Send'),
      ]),
      h('p', { id: 'hint', class: 'notice', role: 'alert' }, this.hint),
    ]);
  },

  folk() {
    const names = [...this.people.keys()].sort((a, b) => a.localeCompare(b));
    return h('aside', { id: 'people', class: { open: this.showPeople }, 'aria-label': 'People' }, [
      h('h2', 'Here now'),
      h('ul', names.map((name) => h('li', { key: name }, [
        h('img', { class: 'avatar', src: this.people.get(name), alt: '', width: 24, height: 24 }),
        this.name(name, name.toLowerCase() === this.me.username.toLowerCase()),
      ]))),
    ]);
  },
});

createApp(App).mount('#app');
