const companies = {
    sandbox: {
        jo: [company(15012, 'Fjordline Studio (sandbox)'), company(15044, 'Harbor & Pine (sandbox)')],
        kari: [company(15101, 'Nordlys Consulting (sandbox)')],
    },
    production: {
        jo: [company(90217, 'Fjordline Studio'), company(90364, 'Harbor & Pine')],
        kari: [company(90488, 'Nordlys Consulting')],
    },
};
export function companiesOf(person, environment) {
    return companies[environment][person.id] ?? [];
}
function company(id, name) {
    return { id: id.toString(), name, detail: `No. ${id}` };
}
