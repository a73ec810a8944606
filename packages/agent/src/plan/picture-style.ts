/** Text is readable on light and dark pages; the kinds of bars differ in brightness too. */
export const STYLE: string = `<style>
.page{fill:#fff}
text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;fill:#1f2328}
.title{font-size:18px;font-weight:600}
.plain{font-size:13px}
.head{font-weight:600}
.name{text-anchor:end}
.number,.tick,.note{fill:#59636e}
.tick{text-anchor:middle;font-size:11px}
.end{text-anchor:middle}
.time{fill:#0969da}
.bytes{fill:#bf8700}
.plain-bar{fill:none;stroke:#8250df;stroke-width:1.5}
.range{stroke:#1f2328;stroke-width:1.5}
.grid{stroke:#d1d9e0}
.floor{stroke:#1f2328;stroke-width:1.5;stroke-dasharray:4 3}
@media (prefers-color-scheme:dark){
.page{fill:#0d1117}
text{fill:#f0f6fc}
.number,.tick,.note{fill:#9198a1}
.time{fill:#388bfd}
.bytes{fill:#bb8009}
.plain-bar{stroke:#a371f7}
.range{stroke:#f0f6fc}
.grid{stroke:#3d444d}
.floor{stroke:#f0f6fc}
}
</style>`;
