/** What the page of an evaluation has beyond every page. No selector needs `>`. */
export const evaluationStyles = `
.reasons{list-style:none;margin:.75rem 0 0;padding:0}
.reasons li{margin:.5rem 0;padding-left:.75rem;border-left:.25rem solid;background:none;overflow-wrap:anywhere}
.reasons .text{color:var(--ink)}
.facts{color:var(--muted);font-size:.875rem;margin:-.25rem 0 .75rem}
.gates{list-style:none;margin:.5rem 0;padding:0;border:1px solid var(--line);border-radius:.375rem}
.gates li{display:grid;grid-template-columns:7.5rem minmax(0,1fr) 15rem;gap:.25rem 1rem;padding:.625rem .75rem;border-top:1px solid var(--line);break-inside:avoid}
.gates li:first-child{border-top:0}
.gates p{margin:.125rem 0 0;font-size:.875rem}
.gates h3{font-variant-numeric:tabular-nums}
.figures{font-size:.875rem;font-variant-numeric:tabular-nums}
.figures .note{white-space:nowrap}
.small{font-size:.75rem;color:var(--muted);font-weight:400}
td .small,th .small{display:block}
svg.ib{width:10rem;max-width:100%;height:1.125rem;min-width:6rem}
.ib .iv{stroke-width:3;stroke-linecap:round;fill:none}.ib circle{stroke:var(--ground);stroke-width:1}
.ib .lim{stroke:var(--ink);stroke-width:1.5}.ib .ref{stroke:var(--muted);stroke-dasharray:2 2}
${['fail', 'warn', 'info', 'pass', 'skip']
  .map((tone) => `.t-${tone} .iv{stroke:var(--${tone})}.t-${tone} circle{fill:var(--${tone})}`)
  .join('\n')}
.matrix td{position:relative;text-align:right;background:color-mix(in srgb,#2f6fde calc(var(--s,0)*45%),transparent);print-color-adjust:exact;-webkit-print-color-adjust:exact}
.facts-table th{width:12rem;white-space:normal}.facts-table td{white-space:normal;overflow-wrap:anywhere}
figure svg{max-width:26rem}
.matrix{width:auto;min-width:20rem}
.scroll tbody th{position:sticky;left:0;background:var(--ground);z-index:1}.scroll thead th{z-index:2}
@media print{.scroll tbody th{position:static}}
@media (max-width:44rem){td .desc,th .desc{display:none}th,td{padding:.25rem .375rem}.scroll tbody th{white-space:normal;min-width:4rem;max-width:9rem;overflow-wrap:break-word}.gates li{grid-template-columns:minmax(0,1fr)}.facts-table th{width:7.5rem}}
`;
