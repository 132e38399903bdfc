/**
 * Wraps a function so that it runs only at the first call. Later and concurrent calls get the promise of the first call. But
 * if the promise rejects, the next call runs the function again.
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
