/**
 * Makes something when it is first needed, once, however many ask at the same time. A failure is not remembered: the
 * next who asks has it tried again.
 */
export function once<Given, Made>(make: (given: Given) => Promise<Made>): (given: Given) => Promise<Made> {
  let made: Promise<Made> | undefined;
  return (given) => {
    made ??= make(given).catch((error) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
