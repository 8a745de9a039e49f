//! tmp
use foreshift_core::plan::*;
use foreshift_core::*;
fn walk(root: &std::path::Path, dir: &std::path::Path, out: &mut Vec<File>) {
    for e in std::fs::read_dir(dir).unwrap() {
        let p = e.unwrap().path();
        if p.is_dir() {
            walk(root, &p, out)
        } else {
            out.push(File {
                path: p.strip_prefix(root).unwrap().to_str().unwrap().into(),
                text: std::fs::read_to_string(&p).unwrap(),
            })
        }
    }
}
fn main() {
    let mut a = std::env::args().skip(1);
    let dir = a.next().unwrap();
    let mut files = vec![];
    walk(dir.as_ref(), dir.as_ref(), &mut files);
    let mut hashes = Hashes::default();
    let mut current = vec![];
    let mut occasion = Occasion::Change;
    for x in a {
        if let Some(h) = x.strip_prefix("active=") {
            hashes.list.push((None, Side::Active, h.into()))
        } else if let Some(h) = x.strip_prefix("canary=") {
            hashes.list.push((None, Side::Canary, h.into()))
        } else if x == "first" {
            occasion = Occasion::First
        } else {
            current.push(x)
        }
    }
    let r = Request { config: "deploy.yaml".into(), files, current, target: None, hashes, occasion };
    let p = preview(&r);
    for d in &p.diagnostics {
        let pl = d.place(&p.sources).map(|(s, p)| format!("{}:{}:{}", s.path, p.line, p.column));
        println!("{}[{}] {} {:?}\n   help: {:?}", d.severity.name(), d.code.name(), d.message, pl, d.help);
    }
    for plan in &p.plans {
        println!("##### {} start gates {:?}", plan.target, plan.start.gates);
        for o in &plan.start.objects {
            println!("--- {}\n{}", o.key, o.text);
        }
        for t in &plan.start.traffic {
            println!(
                "{} {} {:?}",
                t.virtual_service,
                t.route,
                t.shares.iter().map(|s| format!("{:?} {:?}", s.to, s.part.percent())).collect::<Vec<_>>()
            );
        }
        for (i, s) in plan.stages.iter().enumerate() {
            println!(
                "=== {} {:?} {} back {:?}\n{}",
                i + 1,
                s.step,
                s.write.key,
                s.back,
                s.write.content.as_ref().map_or("(removed)", |c| &c.text)
            );
            for t in &s.traffic {
                println!(
                    "  T {} {} {:?}",
                    t.virtual_service,
                    t.route,
                    t.shares.iter().map(|s| format!("{:?} {:?}", s.to, s.part.percent())).collect::<Vec<_>>()
                );
            }
            println!("  G {:?}", s.gates);
        }
        for (i, u) in plan.undos.iter().enumerate() {
            println!(
                "undo {i} {:?} {} next {:?} gates {:?} traffic {}",
                u.step,
                u.write.key,
                u.next,
                u.gates,
                u.traffic.len()
            );
        }
    }
}
