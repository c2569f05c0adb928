import { seriesColour } from '../svg/document';

/** How many series have a colour and a dash of their own. */
export const DRAWN_SERIES = 4;

const dashes = ['none', 'none', '5 2', '2 2'];

const series = Array.from(
  { length: DRAWN_SERIES },
  (_, index) =>
    `.f${index}{fill:${seriesColour(index)}}.l${index}{stroke:${seriesColour(index)};stroke-dasharray:${dashes[index]}}.k${index}{border-color:${seriesColour(index)};background:${index === 0 ? seriesColour(0) : 'transparent'}}`,
).join('\n');

const light = `--ground:#fff;--raised:#f6f8fa;--ink:#1f2328;--muted:#57606a;--line:#d0d7de;--link:#0757b8;
--fail:#b3261e;--fail-ground:#fdeceb;--warn:#7a4b00;--warn-ground:#fff3d6;--info:#0b57a4;--info-ground:#e6f0fb;--pass:#14652c;--pass-ground:#e4f4e8;--skip:#57606a;--skip-ground:#eef0f2`;

const dark = `--ground:#0d1117;--raised:#161b22;--ink:#e6edf3;--muted:#9da7b1;--line:#30363d;--link:#6cb0ff;
--fail:#ff9a92;--fail-ground:#3c1413;--warn:#f2c04c;--warn-ground:#352608;--info:#84baff;--info-ground:#10263f;--pass:#63d283;--pass-ground:#0d2b17;--skip:#9da7b1;--skip-ground:#21262d`;

/**
 * The style sheet of every page. Sizes follow the reader's font size; ink and ground their theme; paper is always light.
 * No selector needs `>`, so that the sheet reads the same as XML.
 */
export const pageStyles = `:root{color-scheme:light dark;${light}}
@media screen and (prefers-color-scheme:dark){:root{${dark}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
header,main,footer{max-width:76rem;margin:0 auto;padding:0 1rem}
h1,h2,h3{line-height:1.25;overflow-wrap:anywhere}
h1{font-size:1.5rem;margin:1.25rem 0 .75rem}
h2{font-size:1.2rem;margin:2rem 0 .75rem}
h3{font-size:1rem;margin:0}
p{margin:.5rem 0;overflow-wrap:anywhere}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--link);outline-offset:2px}
code,.value{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.875em}
.muted,footer{color:var(--muted)}
.note{color:var(--muted);font-size:.8125rem}
.verdict{border:1px solid;border-left-width:.375rem;border-radius:.5rem;padding:.75rem 1rem;margin:0}
.verdict strong{font-size:1.0625rem}
.verdict span{color:var(--ink)}
.badge{display:inline-block;border:1px solid;border-radius:1rem;padding:0 .5rem;font-size:.75rem;font-weight:600;line-height:1.45;white-space:nowrap}
.fail{color:var(--fail);background:var(--fail-ground)}
.warn{color:var(--warn);background:var(--warn-ground)}
.info{color:var(--info);background:var(--info-ground)}
.pass{color:var(--pass);background:var(--pass-ground)}
.skip{color:var(--skip);background:var(--skip-ground)}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;margin:.75rem 0 0;padding:0}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:.375rem;margin:.5rem 0}
.tall{max-height:20rem;overflow-y:auto}
table{border-collapse:collapse;width:100%;font-size:.875rem;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:.375rem .625rem;color:var(--muted);font-size:.8125rem}
th,td{padding:.25rem .625rem;text-align:left;vertical-align:top;white-space:nowrap}
.wrap{white-space:normal;min-width:9rem;overflow-wrap:anywhere}
thead th{color:var(--muted);font-weight:600;background:var(--raised);position:sticky;top:0}
tbody th{font-weight:600}
tbody tr{border-top:1px solid var(--line)}
.r{text-align:right}
.finding{border:1px solid var(--line);border-radius:.5rem;padding:.75rem 1rem;margin:.75rem 0;}
.finding table{width:auto}
.head{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem .5rem}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,22rem),1fr));gap:1rem}
.card{border:1px solid var(--line);border-radius:.5rem;padding:.75rem 1rem;min-width:0;break-inside:avoid}
.card.fails{border-color:var(--fail)}
.card.warns{border-color:var(--warn)}
.card ul{margin:.5rem 0;padding:0;list-style:none;font-size:.875rem}
.plain{list-style:none;padding:0;margin:0}.plain li{margin:.5rem 0;overflow-wrap:anywhere}
.card li{margin:.25rem 0;overflow-wrap:anywhere}
.card .scroll{border:0;margin:.25rem 0 0}
.card th,.card td{padding:.125rem .5rem .125rem 0;font-size:.8125rem}
.card thead th{background:none}
.key{display:inline-block;width:.75rem;height:.625rem;border:2px solid transparent;border-radius:2px;margin-right:.375rem}
.k2{border-style:dashed}.k3{border-style:dotted}
figure{margin:.5rem 0 0}
svg{display:block;width:100%;max-width:30rem;height:auto;font:11px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
svg text{fill:var(--ink)}svg .m{fill:var(--muted)}
.x{stroke:var(--line);stroke-width:1;fill:none}
.l{fill:none;stroke-width:1.75;stroke-linejoin:round}
.f0{fill-opacity:.55}
summary{cursor:pointer}
footer{margin-top:2rem;padding-bottom:2rem;font-size:.8125rem}
${series}
@media print{body{font-size:10pt}header,main,footer{max-width:none;padding:0}nav{display:none}.scroll,.tall{overflow:visible;max-height:none}thead th{position:static}
.cards{grid-template-columns:repeat(2,1fr)}td{white-space:normal;overflow-wrap:anywhere}tr{break-inside:avoid}.head{break-after:avoid}.badge,.verdict,.key{print-color-adjust:exact;-webkit-print-color-adjust:exact}a{color:inherit;text-decoration:none}}`;
