// States of clients that mean harm, or that are merely unusual: each must come back as it was sent.

export const STATES = {
  quotes: `it's "quoted" & <b>bold</b>`,
  'a script': `</script><script>alert(1)</script>"><img src=x onerror=alert(2)>`,
  'a form': `"></form><form action="https://evil.example"><button autofocus>`,
  'a comment': `--><!--<script>`,
  entities: '&amp;&quot;&#34;&#0;&lt;script&gt;',
  'what URLs are made of': 'javascript:alert(3)#?&=+%41%22 /\\;state=other',
  'right-to-left text': 'שלום \u202eمرحبا\u202c \u2066x\u2069 é 🦀',
  'line separators': 'a\u2028b\u2029c\u0085d',
  '2,000 characters': `"<é\u202e&>'`.repeat(250),
};

/** Form fields cannot hold these: browsers turn what is `sent` into what is `posted`. */
export const CONTROLS = {
  'line breaks': { sent: 'a\nb\r\nc\rd', posted: 'a\r\nb\r\nc\r\nd' },
  NUL: { sent: 'a\0b', posted: 'a\ufffdb' },
};
