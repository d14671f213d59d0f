function togetherPerTurn(destination) {
    let lines = '';
    const flush = () => {
        if (lines === '')
            return;
        const together = lines;
        lines = '';
        destination.write(together);
    };
    process.on('exit', flush);
    return {
        write(line) {
            if (lines === '')
                setImmediate(flush);
            lines += line;
        },
    };
}
/**
 * Writes the lines of one turn of the event loop together: under load a single system call for many. What is left when
 * the process ends by itself is written then.
 */
export const standardOutput = togetherPerTurn(process.stdout);
