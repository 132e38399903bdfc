/**
 * Makes a function run only once. Later and concurrent calls get the first promise. If that promise rejects, the next
 * call runs the function again.
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
