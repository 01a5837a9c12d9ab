import {readdirSync, readFileSync, existsSync} from 'node:fs'; import {brotliCompressSync,gzipSync} from 'node:zlib';
const C='/work/wt/codec/.cache/models/'; 
const {encodeModel}=await import('/work/wt/codec/src/formats/tfmz/format/model-section.ts'); const {meterOf}=await import('/work/wt/codec/src/formats/tfmz/format/meter.ts'); const {atOnce}=await import('/work/wt/codec/src/pace.ts');
for (const n of readdirSync(C)) { if(!existsSync(C+n+'/model.json')) continue; if(process.argv[2]&&!process.argv.includes(n))continue;
 const m=JSON.parse(readFileSync(C+n+'/model.json','utf8')); const {weightsManifest,...head}=m; const weightSpecs=weightsManifest.flatMap((g:any)=>g.weights);
 const j=Buffer.from(JSON.stringify({...head,weightSpecs}));
 console.log(n.padEnd(26),j.length,'brotli',brotliCompressSync(j).length,'gzip',gzipSync(j,{level:9}).length,'tfmz',(atOnce<any>(encodeModel({head:{...head,weightSpecs},stringBytes:[]} as any,meterOf()))).payload.length);
}
