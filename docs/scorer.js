// What the search puts first: guides before background. A sentence that somebody has read is looked
// up where sentences come from ("write a policy" is none), a code in the table of codes.
const query = (new URLSearchParams(location.search).get("q") || "").trim();
const isSentence = query.split(/\s+/).length > 4;
const isCode = /^[a-z_]+\.[a-z_]+$/.test(query);

const favour = (name) => {
  if (name === "reference/what-it-says") return isSentence ? 50 : -2;
  if (name === "reference/findings") return isCode ? 50 : 0;
  if (name === "explanation/decisions") return -4;
  return name.startsWith("how-to/") || name.startsWith("tutorial/") ? 1 : 0;
};

var Scorer = {
  score: (result) => result[4] + favour(result[0]),
  // As Sphinx has them.
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
