// How the HTML looks. Letters to backgrounds: 7:1 and better, in light and in dark (WCAG 2.2, 1.4.6); nothing is told by colour alone.

export const style = `
:root { color-scheme: light dark; --ink: #1c1f23; --soft: #454b53; --paper: #fff; --panel: #f3f4f6; --line: #c4c9d0; --accent: #7a2e00 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e9ebee; --soft: #bcc3cc; --paper: #15181c; --panel: #20252b; --line: #4a525c; --accent: #ffb780 }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif }
main { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; overflow-wrap: break-word }
h1, h2, h3 { line-height: 1.25; margin: 1.6em 0 .5em; break-after: avoid }
h1 { margin-top: 0 }
h2 { border-top: 1px solid var(--line); padding-top: 1em }
h3 { font-size: 1.05rem }
code, pre { font: .9em/1.45 ui-monospace, monospace; unicode-bidi: isolate }
code { background: var(--panel); padding: .1em .25em; border-radius: .2em }
pre { background: var(--panel); padding: .6em .8em; margin: 0; white-space: pre-wrap; border-left: 3px solid var(--line) }
dl { margin: 0; border-left: 3px solid var(--accent); padding-left: 1rem }
dt { color: var(--accent); font-weight: 600; margin-top: .6em; break-after: avoid }
dd { margin: 0; unicode-bidi: isolate }
li { unicode-bidi: isolate }
ul { margin: .4em 0; padding-left: 1.3em }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
caption { text-align: left; color: var(--soft); padding-bottom: .4em }
th, td { text-align: right; padding: .35em .5em; border-bottom: 1px solid var(--line); vertical-align: top }
th:first-child { text-align: left }
tbody th { font-weight: 400 }
@media (max-width: 30rem) {
  table { font-size: .9rem }
  th, td { padding: .3em .2em }
}
@media print {
  :root { color-scheme: light; --ink: #000; --soft: #333; --paper: #fff; --panel: #f3f4f6; --line: #999; --accent: #5c2200 }
  body { font-size: 10.5pt }
  main { max-width: none; padding: 0 }
  dl, pre, tr { break-inside: avoid }
}`.trim();
