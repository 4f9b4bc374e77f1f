// @ts-check
/** Quick answers: a start, never the whole conversation. Typed as /word; the operator can still change them. */

/** @type {{key: string, text: string}[]} `{name}` is the operator's first name */
export const ANSWERS = [
  { key: "dag", text: "Dag, ik ben {name}. Ik werk bij de hulplijn. Ik las wat je schreef. Je hoeft niets te herhalen." },
  { key: "veilig", text: "Ben je nu veilig?" },
  { key: "alleen", text: "Kan je nu vrij schrijven? Of kan er iemand meelezen?" },
  { key: "112", text: "Ben je nu in gevaar? Bel 112, of 101 voor de politie. Kan je niet praten? Dan helpt de app 112 BE." },
  { key: "gewond", text: "Ben je gewond? Doet slikken of ademen pijn? Dan is het goed dat een dokter kijkt, ook als het meevalt." },
  { key: "dank", text: "Dank je om dat te vertellen. Dat vraagt moed. Het is niet jouw schuld." },
  { key: "kinderen", text: "Zijn er kinderen bij? Hoe gaat het nu met hen?" },
  { key: "gemeente", text: "In welke gemeente woon je? Dan zoek ik hulp dicht bij jou." },
  { key: "wacht", text: "Ik zoek het even op. Ik blijf hier. Je krijgt zo een antwoord." },
  { key: "kiezen", text: "Jij kiest wat je vertelt en wat je doet. We kijken samen wat nu kan." },
  { key: "terug", text: "Je mag altijd terugkomen, ook als je nu stopt." },
  { key: "einde", text: "Is er nog iets dat je wil zeggen of vragen voor we stoppen?" },
];

/** @param {string} typed what follows the slash @param {string} name */
export function matching(typed, name) {
  const word = typed.toLowerCase();
  const filled = ANSWERS.map((answer) => ({ key: answer.key, text: answer.text.replace("{name}", name) }));
  const starts = filled.filter((answer) => answer.key.startsWith(word));
  return starts.length ? starts : filled.filter((answer) => answer.text.toLowerCase().includes(word));
}

/** RISK-8: questions to think with. After the Dutch reporting code (acute, structural) and the Belgian article 458bis. */
export const WEIGHING = [
  {
    title: "Acuut onveilig",
    questions: [
      "Is er nu lichamelijk gevaar, of is de veiligheid de komende dagen niet zeker?",
      "Is wie geweld gebruikt in de buurt, of kan die meelezen?",
      "Is er iemand gewond, is er een wapen, werd de keel dichtgeknepen?",
      "Werd er gedreigd met doden of met zelfdoding?",
      "Is er een kind, of iemand die zorg nodig heeft, zonder bescherming?",
      "Vraagt een slachtoffer zelf om hulp? Ook dat telt als acuut.",
    ],
  },
  {
    title: "Structureel onveilig",
    questions: [
      "Gebeurt het al langer, of komt het telkens terug?",
      "Wordt het erger, of gebeurt het vaker?",
      "Is er controle over geld, telefoon, papieren of buitenkomen?",
      "Zien of horen kinderen het?",
      "Kan de persoon zich beschermen, alleen of met hulp van anderen?",
      "Wie dichtbij kan steun geven?",
    ],
  },
];
