/** Book a berth in three steps. Nothing that was typed is lost by going back. */
const STEPS = ["when", "berth", "who"];

/** What is wrong with the answers of a step: `{field: sentence}`. */
export function mistakes(step, answers) {
  const found = {};
  if (step === "when") {
    if (!answers.arrival) found.arrival = "On which day do you arrive?";
    if (!(answers.departure > answers.arrival)) found.departure = "The departure has to be after the arrival.";
    if (!(Number(answers.length) > 0)) found.length = "How long is the boat, in metres?";
  }
  if (step === "berth" && !answers.berth) found.berth = "Choose a berth on the map or in the list.";
  if (step === "who" && !/\S/.test(answers.name ?? "")) found.name = "Under which name shall we keep the berth?";
  return found;
}

export class BookingForm {
  #form;
  #step = 0;

  constructor(form) {
    this.#form = form;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.next();
    });
  }

  get answers() {
    return Object.fromEntries(new FormData(this.#form));
  }

  /** One step on, if there are no mistakes; each is said beside its field. */
  next() {
    const found = mistakes(STEPS[this.#step], this.answers);
    for (const field of this.#form.elements) field.setCustomValidity?.(found[field.name] ?? "");
    if (Object.keys(found).length > 0) return this.#form.reportValidity();
    this.#step = Math.min(this.#step + 1, STEPS.length - 1);
    this.#form.dataset.step = STEPS[this.#step];
    return true;
  }
}
