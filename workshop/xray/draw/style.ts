// How the drawings look: the colours of the lessons' figures. No variables and no nesting, for a picture that is opened by itself is
// shown by programs that know little of CSS. Each rule begins with .xray, so it touches nothing else on a page.

const light = `
.xray text { fill: #1f2328 }
.xray .dim { fill: #57606a }
.xray .bad { fill: #a11b13 }
.xray .paper { fill: #fff }
.xray .host { fill: #fbe3d6; stroke: #b08b78 }
.xray .own { fill: #d8eede; stroke: #5f9a73 }
.xray .world { fill: #dce8f7; stroke: #7f9fc8 }
.xray .memory { fill: #fbf0c4; stroke: #b3a05a }
.xray .device { fill: #ebe3fa; stroke: #9a86c4 }
.xray .plain { fill: #f3f5f7; stroke: #8c959f }
.xray .mask { fill: #e4e8ec; stroke: #57606a }
.xray .container { fill: #eef8f0; stroke: #2f8f4e }
.xray .outside { fill: #fdf4ee; stroke: #b08b78 }
.xray .absent { stroke: #8c959f }
.xray .line { stroke: #8c959f }
.xray .wire { stroke: #1a7f37 }
.xray .curve { stroke: #0969da }
.xray .area { fill: #dce8f7 }
.xray .limit, .xray .gone, .xray .stop { stroke: #b3261e }
.xray .file { fill: #fff; stroke: #59636e }
.xray .dot { fill: #8c959f }
.xray .error { fill: #fdecea; stroke: #b3261e }
.xray .ink { fill: #1f2328 }
.xray .band { fill: #d8eede }
.xray .grid { stroke: #d8dee4 }`;

const dark = `
.xray text { fill: #e6edf3 }
.xray .dim { fill: #a9b3bd }
.xray .bad { fill: #ffa198 }
.xray .paper { fill: #14171a }
.xray .host { fill: #59321f; stroke: #a8775c }
.xray .own { fill: #1d4630; stroke: #4f9a6b }
.xray .world { fill: #1f3a5f; stroke: #5f87bd }
.xray .memory { fill: #4a4014; stroke: #9c8a3e }
.xray .device { fill: #3a2d5c; stroke: #8a76b8 }
.xray .plain { fill: #22272e; stroke: #7d8590 }
.xray .mask { fill: #30363d; stroke: #9198a1 }
.xray .container { fill: #12241a; stroke: #58c17a }
.xray .outside { fill: #2a1c14; stroke: #a8775c }
.xray .absent { stroke: #7d8590 }
.xray .line { stroke: #7d8590 }
.xray .wire { stroke: #3fb950 }
.xray .curve { stroke: #58a6ff }
.xray .area { fill: #1f3a5f }
.xray .limit, .xray .gone, .xray .stop { stroke: #ff7b72 }
.xray .file { fill: #14171a; stroke: #9198a1 }
.xray .dot { fill: #7d8590 }
.xray .error { fill: #4b1d1a; stroke: #ff7b72 }
.xray .ink { fill: #e6edf3 }
.xray .band { fill: #1d4630 }
.xray .grid { stroke: #30363d }`;

/** Once on a page, or in a picture by itself. */
export const figureStyle = `.xray { display: block; max-width: 100%; height: auto }
.xray text { font: 14px system-ui, sans-serif }
.xray .small { font-size: 12px }
.xray .strong { font-weight: 600 }
.xray .big { font-size: 22px; font-weight: 600 }
.xray .mono { font: 13px ui-monospace, monospace }
.xray .code { font: 12px ui-monospace, monospace }
.xray .middle { text-anchor: middle }
.xray .end { text-anchor: end }
.xray .absent, .xray .line, .xray .wire, .xray .curve, .xray .limit, .xray .gone, .xray .grid { fill: none }
.xray .clear { fill: none; stroke: none; pointer-events: all }
.xray .absent { stroke-dasharray: 4 3 }
.xray .gone { stroke-width: 2; stroke-dasharray: 4 3 }
.xray .limit { stroke-width: 1.5; stroke-dasharray: 6 4 }
.xray .stop { fill: none; stroke-width: 2 }
.xray .mask { stroke-dasharray: 3 2 }
.xray .container, .xray .curve { stroke-width: 2 }
.xray .wire { stroke-width: 3 }
.xray .line { stroke-width: 1.2 }
.xray .through { pointer-events: none }
.xray .part { cursor: help }
.xray .part:focus { outline: none }
.xray .part:hover > :first-child, .xray .part.explained > :first-child { stroke-width: 2.5 }
.xray .part:focus-visible { outline: 3px solid #0969da; outline-offset: 1px }
${light.trim()}
@media (prefers-color-scheme: dark) {
.xray .part:focus-visible { outline-color: #58a6ff }
${dark.trim()}
}
.xray .strip { stroke: none }
`;
