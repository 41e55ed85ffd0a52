var b=class extends Error{name="GpuError"},R=class extends b{name="GpuOutOfMemoryError"},L=class extends b{name="GpuLostError"};function U(t){return t.reduce((e,r)=>e*r,1)}function A(t){return Math.ceil(t/4)*4}function k(t){return t.join("×")}function G(t,e){return Math.ceil(t/e)}function ye(t){let e=[],r=[],a=new Array(t.length).fill(-1),n=t.map((o,i)=>i).sort((o,i)=>t[o].first-t[i].first||t[i].bytes-t[o].bytes);for(let o of n){let{bytes:i,first:s,last:c}=t[o],d=-1;for(let l=0;l<e.length;l++){if(r[l]>=s)continue;if(d<0){d=l;continue}let u=e[l]>=i,p=e[d]>=i;(u?!p||e[l]<e[d]:!p&&e[l]>e[d])&&(d=l)}d<0&&(d=e.length,e.push(0),r.push(-1)),e[d]=Math.max(e[d],i),r[d]=c,a[o]=d}return{assignment:a,sizes:e}}function ve(t,e){return e==="flat"?U(t)*4:U(t.slice(0,-1))*A(t[t.length-1])*4}function j(t,e,r){let a=A(e);if(a===e)return r?.set(t),r??t;let n=t.length/e,o=r??new Float32Array(n*a);for(let i=0,s=0,c=0;i<n;i++,c+=a-e)for(let d=0;d<e;d++)o[c++]=t[s++];return o}function z(t,e){let r=A(e);if(r===e)return t;let a=t.length/r,n=new Float32Array(a*e);for(let o=0,i=0,s=0;o<a;o++,i+=r-e)for(let c=0;c<e;c++)n[s++]=t[i++];return n}var ft=64,ht=65535,H=class{tensors=[];dispatches=[];inputs=new Map;outputs=new Map;training;#e=[];#r=new Map;#t="";constructor(e){this.training=e.training}tensor(e,r,a={}){if(e.some(i=>!Number.isInteger(i)||i<1))throw new b(`Cannot record the tensor ${r}: its shape ${k(e)} must have positive extents`);let n=a.layout??"image",o={id:this.tensors.length,name:r,shape:e,layout:n,lifetime:a.lifetime??"planned",bytes:ve(e,n),...a.external?{external:a.external}:{}};return this.tensors.push(o),o}input(e,r){let a=this.tensor(r,e,{lifetime:"persistent"});return this.inputs.set(e,a),a}scalars(e,r){let a=this.tensor([Math.ceil(r/4)*4],e,{layout:"flat",lifetime:"persistent"});return this.inputs.set(e,a),a}output(e,r){this.outputs.set(e,r)}within(e,r){let a=this.#t;this.#t=a?`${a}/${e}`:e;try{return r()}finally{this.#t=a}}dispatch(e,r,a){let n=Object.keys(e.bindings);if(n.join()!==Object.keys(r).join())throw new b(`Cannot record ${e.name}: it binds ${n.join()}, got ${Object.keys(r).join()}`);let i=e.params.map(l=>l.split(":")[0]).find(l=>a.params[l]===void 0);if(i)throw new b(`Cannot record ${e.name}: the parameter ${i} is not given`);let s=n.filter(l=>e.bindings[l]==="read_write").map(l=>N(r[l]).tensor);for(let l of n){let{tensor:u}=N(r[l]);if(e.bindings[l]!=="read_write"?s.includes(u):s.filter(p=>p===u).length>1)throw new b(`Cannot record ${e.name}: ${u.name} is bound for reading and writing at once`)}let[c,d]=gt(Math.ceil(a.invocations/ft));this.dispatches.push({label:[this.#t,a.label??e.name].filter(Boolean).join("/"),kernel:e,constants:a.constants??{},params:a.params,bindings:r,workgroups:[c,d,a.groups??1],once:a.once??!1,flops:a.flops??0})}gradient(e,r){if(!this.training)return;let a=this.#t;this.#e.push(()=>{let n=this.#r.get(e);n?.written&&this.within(a?`${a}.grad`:"grad",()=>r(n.gradient))})}gradientOf(e){let r=this.#r.get(e);r||this.#r.set(e,r={gradient:this.tensor(e.shape,`d(${e.name})`,{layout:e.layout}),written:!1});let a=r.written;return r.written=!0,{gradient:r.gradient,accumulate:a}}backward(){for(let e of this.#e.splice(0).reverse())e()}};function gt(t){let e=Math.max(1,Math.ceil(t/ht));return[Math.max(1,Math.ceil(t/e)),e]}function N(t){return"tensor"in t?t:{tensor:t,offset:0,size:t.bytes}}function O(t){return t.bytes/16}var re=256;async function be(t,e){let{device:r}=t;t.check();let a=[];for(let{kernel:u,constants:p}of e.dispatches)a.push(await t.kernel(u,p));r.pushErrorScope("validation"),r.pushErrorScope("out-of-memory");let n=[],o=(u,p,m)=>{let y=t.buffer(u,p,m);return n.push(y),y},i=()=>n.forEach(u=>t.release(u)),s,c;try{let u=wt(e,o),p=new DataView(new ArrayBuffer(e.dispatches.length*re));e.dispatches.forEach(({kernel:w,params:f},g)=>{w.params.forEach((h,v)=>{let[_,T]=h.split(":"),$=g*re+v*4;T==="f32"?p.setFloat32($,f[_],!0):p.setInt32($,f[_],!0)})});let m=o("uniforms",Math.max(p.byteLength,16),GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST);t.write(m,0,new Uint32Array(p.buffer));let y=e.dispatches.map((w,f)=>({dispatch:w,compiled:a[f],group:r.createBindGroup({label:w.label,layout:a[f].layout,entries:[{binding:0,resource:{buffer:m,offset:f*re,size:w.kernel.params.length*4}},...Object.values(w.bindings).map((g,h)=>{let{tensor:v,offset:_,size:T}=N(g);return{binding:h+1,resource:{buffer:u.get(v),offset:_,size:T}}})]})}));s=new ae(t,e,y,u,n)}catch(u){c=u}let d=await r.popErrorScope(),l=await r.popErrorScope();if(d?c=new R(`The GPU is out of memory for a plan: ${d.message}`):l&&(c??=new b(`Cannot build a plan: ${l.message}`)),c)throw i(),c;return s}function wt(t,e){let r=new Map,a=new Map;t.dispatches.forEach((l,u)=>{for(let p of Object.values(l.bindings)){let{tensor:m}=N(p);r.has(m)||r.set(m,u),a.set(m,u)}});for(let l of t.outputs.values())a.set(l,t.dispatches.length);let n=GPUBufferUsage.STORAGE|GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC,o=new Map,i=t.tensors.filter(l=>{if(l.external)o.set(l,l.external);else if(l.lifetime==="persistent")o.set(l,e(l.name,l.bytes,n));else return r.has(l);return!1}),{assignment:s,sizes:c}=ye(i.map(l=>({bytes:l.bytes,first:r.get(l),last:a.get(l)}))),d=c.map((l,u)=>e(`shared ${u}`,l,n));return i.forEach((l,u)=>o.set(l,d[s[u]])),o}var ae=class{#e;#r;#t;#n;#a;#o=new Map;#i=new Map;#s=!0;constructor(e,r,a,n,o){this.#e=e,this.#r=r,this.#t=a,this.#n=n,this.#a=o}write(e,r){let a=this.#r.inputs.get(e);if(!a)throw new b(`Cannot write ${e}: the plan has no such input`);let n=r;if(a.layout==="image"){let o=a.shape[a.shape.length-1],i=this.#i.get(e);if(i||this.#i.set(e,i=new Float32Array(a.bytes/4)),r.length!==a.shape.reduce((s,c)=>s*c,1))throw new b(`Cannot write ${e}: it is ${k(a.shape)}, got ${r.length} values`);n=j(r,o,i)}this.#e.write(this.#n.get(a),0,n)}run(){this.#e.check();let e=this.#e.device.createCommandEncoder(),r=e.beginComputePass();for(let a of this.#t)a.dispatch.once&&!this.#s||(r.setPipeline(a.compiled.pipeline),r.setBindGroup(0,a.group),r.dispatchWorkgroups(...a.dispatch.workgroups));r.end(),this.#e.device.queue.submit([e.finish()]),this.#s=!1}refresh(){this.#s=!0}async read(e){let r=this.#r.outputs.get(e);if(!r)throw new b(`Cannot read ${e}: the plan has no such output`);let{device:a}=this.#e,n=this.#o.get(e);n||(n=this.#e.buffer(`read ${e}`,r.bytes,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST),this.#a.push(n),this.#o.set(e,n));let o=a.createCommandEncoder();o.copyBufferToBuffer(this.#n.get(r),0,n,0,r.bytes),a.queue.submit([o.finish()]);try{await n.mapAsync(GPUMapMode.READ)}catch(s){throw this.#e.check(),s}let i=new Float32Array(n.getMappedRange(0,r.bytes).slice(0));return n.unmap(),this.#e.check(),r.layout==="image"?z(i,r.shape[r.shape.length-1]):i}describe(){let e=this.#a.reduce((a,n)=>a+n.size,0);return[...this.#t.map(({dispatch:a})=>{let n=Object.entries(a.bindings).map(([o,i])=>`${o} ${N(i).tensor.name} ${k(N(i).tensor.shape)}`);return`${a.label}: ${a.kernel.name} (${n.join(", ")})`}),`${this.#t.length} steps, ${this.#a.length} buffers, ${e} bytes`].join(`
`)}get bytes(){return this.#a.reduce((e,r)=>e+r.size,0)}async profile(){let{device:e}=this.#e;if(!e.features.has("timestamp-query"))throw new b("Cannot profile: the adapter has no timestamp queries");let r=this.#t.filter(({dispatch:d})=>!d.once||this.#s),a=e.createQuerySet({type:"timestamp",count:r.length*2}),n=r.length*16,o=this.#e.buffer("timestamps",n,GPUBufferUsage.QUERY_RESOLVE|GPUBufferUsage.COPY_SRC),i=this.#e.buffer("read timestamps",n,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST),s=e.createCommandEncoder();r.forEach(({dispatch:d,compiled:l,group:u},p)=>{let m=s.beginComputePass({timestampWrites:{querySet:a,beginningOfPassWriteIndex:p*2,endOfPassWriteIndex:p*2+1}});m.setPipeline(l.pipeline),m.setBindGroup(0,u),m.dispatchWorkgroups(...d.workgroups),m.end()}),s.resolveQuerySet(a,0,r.length*2,o,0),s.copyBufferToBuffer(o,0,i,0,n),e.queue.submit([s.finish()]),await i.mapAsync(GPUMapMode.READ);let c=new BigUint64Array(i.getMappedRange().slice(0));i.unmap();for(let d of[o,i])this.#e.release(d);return a.destroy(),this.#s=!1,r.map(({dispatch:d},l)=>{let u=Number(c[l*2+1]-c[l*2]);return{label:d.label,kernel:d.kernel.name,milliseconds:u/1e6,gflops:u>0?d.flops/u:0}})}[Symbol.dispose](){for(let e of this.#a.splice(0))this.#e.release(e)}};var xe={none:0,relu:1,"leaky-relu":2};function ne(t){return xe[t]}var _e=new WeakMap;function ke(t,e){_e.set(t,e)}function yt(t){return _e.get(t)??"none"}function E(t,e){let r=yt(t);return{activated:r==="none"?e:t,constants:{ACTIVATION:xe[r]}}}var vt={name:"add",params:["count"],bindings:{a:"read",b:"read",y:"read_write"}},bt={name:"add_grad",params:["count","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]};function Te(t,e,r,a="add",n=new Set){if(e.shape.join()!==r.shape.join())throw new b(`Cannot record add "${a}": its terms are ${k(e.shape)} and ${k(r.shape)}`);let o=t.tensor(e.shape,a),i=O(o);return t.within(a,()=>{t.dispatch(vt,{a:e,b:r,y:o},{params:{count:i},invocations:i}),t.gradient(o,s=>{for(let c of[e,r]){if(n.has(c))continue;let{gradient:d,accumulate:l}=t.gradientOf(c),{activated:u,constants:p}=E(c,s);t.dispatch(bt,{dy:s,activated:u,dx:d},{params:{count:i,accumulate:Number(l)},constants:p,invocations:i})}})}),o}var Ae={name:"conv2d_tile8",params:["batch","height","width","a4","b4","a_shift","out4","first_block","block_vec4s","accumulate"],bindings:{a:"read",b:"read",w:"uniform",activated:"read",y:"read_write"},includes:["activation"]},Pe={name:"conv2d_pack",params:["in4","out4","source4","target4","first4","block_vec4s","count"],bindings:{weight:"read",bias:"read",packed:"read_write"}},$e={name:"conv2d_naive",params:["batch","height","width","out_height","out_width","a4","b4","a_shift","out4","kernel","stride"],bindings:{a:"read",b:"read",w:"read",bias:"read",y:"read_write"},includes:["activation"]},Ue={name:"conv2d_input_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","target4","first4","kernel","stride","accumulate"],bindings:{dy:"read",w:"read",activated:"read",dx:"read_write"},includes:["activation"]},Se={name:"conv2d_weight_grad_rows",params:["batch","height","width","in4","out4","shift","first4","total4","slices","rows"],bindings:{x:"read",dy:"read",partials:"read_write"}},Re={name:"conv2d_weight_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","slices","rows","kernel","stride"],bindings:{x:"read",dy:"read",partials:"read_write"}},Ne={name:"bias_grad",params:["pixels","out4","slices","slice_pixels"],bindings:{dy:"read",partials:"read_write"}};var xt={name:"sum_slices",params:["count","slices","accumulate"],bindings:{partials:"read",total:"read_write"}};function oe(t,e,r,a,n=!1){let o=N(r).size/16;t.dispatch(xt,{partials:e,total:r},{params:{count:o,slices:a,accumulate:Number(n)},invocations:o})}function se(t,e){let r=Math.ceil(t/Math.max(1,Math.min(e,t)));return{slices:Math.ceil(t/r),each:r}}var _t={name:"upsample",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write"}},kt={name:"upsample_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]},Oe=({shape:[t,e,r,a]})=>({batch:t,height:e,width:r,c4:A(a)/4});function Ce(t,e,r,a="up"){let[n,o,i,s]=e.shape,c=t.tensor([n,o*2,i*2,s],a);return t.within(a,()=>{t.dispatch(_t,{x:e,y:c},{params:Oe(e),constants:{BILINEAR:+(r==="bilinear")},invocations:O(c)}),t.gradient(c,d=>ie(t,d,e,r))}),c}function ie(t,e,r,a){let{gradient:n,accumulate:o}=t.gradientOf(r),{activated:i,constants:s}=E(r,e);t.dispatch(kt,{dy:e,activated:i,dx:n},{params:{...Oe(r),accumulate:Number(o)},constants:{...s,BILINEAR:+(a==="bilinear")},invocations:O(r)})}var q=65536,Tt=2048,P=t=>"upsampled"in t?t.upsampled:t,K=t=>"upsampled"in t?1:0,S=t=>A(t.shape[3])/4;function ce(t){let{shape:e}=P(t),r=1<<K(t);return[e[1]*r,e[2]*r]}function At(t,{name:e,stride:r,outChannels:a}){if(t.length<1||t.length>2)throw new b(`Cannot record conv2d "${e}": it reads one or two inputs, got ${t.length}`);let[n,o]=ce(t[0]),i=P(t[0]).shape[0];for(let s of t){let[c,d]=ce(s),{shape:l}=P(s);if(l.length!==4||c!==n||d!==o||l[0]!==i)throw new b(`Cannot record conv2d "${e}": its inputs are ${k(P(t[0]).shape)} and ${k(l)}`)}if(t.length===2&&K(t[1]))throw new b(`Cannot record conv2d "${e}": only its first input can be upsampled on the way`);return[i,G(n,r),G(o,r),a]}function Ee(t,e,r,a,{variant:n="auto",withoutGradient:o=new Set}={}){let{name:i,kernel:s,stride:c,activation:d}=a,l=At(e,a);$t(e,r,a);let u=t.tensor(l,i);ke(u,d);let p=r.range(t,`${i}.weight`),m=r.range(t,`${i}.bias`),y={rec:t,sources:e,options:a,y:u,weight:p,bias:m,...Pt(e,u)},w=f=>n==="auto"&&s===3&&c===1&&Me(f)*16<=q;return t.within(i,()=>{w(y.in4)?Ge(y,{a:P(e[0]),b:P(e[1]??e[0]),activated:P(e[0]),target:u,a4:S(P(e[0])),b4:e[1]?S(P(e[1])):0,shift:K(e[0]),forward:!0,first4:0,accumulate:!1,constants:{ACTIVATION:ne(d)}}):Ut(y),t.gradient(u,f=>{Rt(y,f,r,n==="auto"&&s===3&&c===1);let g=0;for(let h of e){let v=P(h);o.has(v)||St(y,f,h,g,w(y.out4)),g+=S(v)}})}),u}function Pt(t,e){let[r,a]=ce(t[0]);return{batch:e.shape[0],height:r,width:a,out_height:e.shape[1],out_width:e.shape[2],in4:t.reduce((n,o)=>n+S(P(o)),0),out4:S(e)}}function $t(t,e,{name:r,kernel:a,outChannels:n}){let o=t.map(c=>P(c).shape[3]),i=e.specs.find(c=>c.name===`${r}.weight`),s=[a,a,o.reduce((c,d)=>c+d,0),n];if(!i||i.shape.join()!==s.join()||(i.sources??[s[2]]).join()!==o.join())throw new b(`Cannot record conv2d "${r}": input has ${o.join(" + ")} channels, so the weight is ${k(s)}; got ${i?k(i.shape):"none"}`)}function le({batch:t,out_height:e,out_width:r,options:a,sources:n},o){let i=o??n.reduce((s,c)=>s+P(c).shape[3],0);return 2*t*e*r*a.kernel**2*i*a.outChannels}function Ut(t){let{rec:e,sources:r,options:a,y:n,weight:o,bias:i}=t,[s,c=s]=r.map(P);e.dispatch($e,{a:s,b:c,w:o,bias:i,y:n},{params:{...V(t,["batch","height","width","out_height","out_width","out4"]),a4:S(s),b4:r[1]?S(c):0,a_shift:K(r[0]),kernel:a.kernel,stride:a.stride},constants:{ACTIVATION:ne(a.activation)},invocations:t.batch*t.out_height*t.out_width*t.out4,flops:le(t)})}function V(t,e){return Object.fromEntries(e.map(r=>[r,t[r]]))}function Me(t){return Math.ceil((72*t+2)/16)*16}function Ge(t,e){let{rec:r,batch:a,height:n,width:o,in4:i,out4:s}=t,c=S(e.target),d=e.a4+e.b4,l=Me(d),u=Math.ceil(c/2),p=!r.training,m=Math.floor(q/(l*16)),y=Math.floor((u-1)/m)*m*l*16,w=r.tensor([(y+q)/4],`${t.options.name}.packed`,{layout:"flat",lifetime:p?"persistent":"planned"}),f=Number(e.forward);r.dispatch(Pe,{weight:t.weight,bias:t.bias,packed:w},{params:{in4:i,out4:s,source4:d,target4:c,first4:e.first4,block_vec4s:l,count:u*l},constants:{FORWARD:f},invocations:u*l,once:p});for(let g=0;g<u;g+=m){let h=Math.min(m,u-g);r.dispatch(Ae,{a:e.a,b:e.b,w:{tensor:w,offset:g*l*16,size:q},activated:e.activated,y:e.target},{params:{batch:a,height:n,width:o,a4:e.a4,b4:e.b4,a_shift:e.shift,out4:c,first_block:g,block_vec4s:l,accumulate:Number(e.accumulate)},constants:{FORWARD:f,...e.constants},invocations:a*n*Math.ceil(o/8),groups:h,flops:18*a*n*o*d*4*Math.min(h*8,(c-g*2)*4)})}}function St(t,e,r,a,n){let{rec:o,options:i}=t,s=P(r),d="upsampled"in r?o.tensor([t.batch,t.height,t.width,s.shape[3]],`d(${s.name} upsampled)`):void 0,{gradient:l,accumulate:u}=d?{gradient:d,accumulate:!1}:o.gradientOf(s),{activated:p,constants:m}=d?{activated:e,constants:{ACTIVATION:0}}:E(s,e);n?Ge(t,{a:e,b:e,a4:t.out4,b4:0,shift:0,activated:p,target:l,forward:!1,first4:a,accumulate:u,constants:m}):o.dispatch(Ue,{dy:e,w:t.weight,activated:p,dx:l},{params:{...V(t,["batch","height","width","out_height","out_width","in4","out4"]),target4:S(s),first4:a,kernel:i.kernel,stride:i.stride,accumulate:Number(u)},constants:m,invocations:t.batch*t.height*t.width*S(s),flops:le(t,s.shape[3])}),d&&ie(o,d,s,"nearest")}function Rt(t,e,r,a){let{rec:n,options:o,in4:i,out4:s}=t,c=o.kernel**2,{slices:d,each:l}=se(t.batch*t.out_height,Math.ceil(Tt/(i*s*(a?1:c)))),u=n.tensor([d,c,i*4,s*4],`${o.name}.weight partials`,{layout:"flat"}),p=0;for(let f of t.sources){let g=P(f),h=S(g),v={out4:s,shift:K(f),in4:h,first4:p,total4:i,slices:d,rows:l},_=le(t,g.shape[3]);a?n.dispatch(Se,{x:g,dy:e,partials:u},{params:{...V(t,["batch","height","width"]),...v},invocations:h*s*d,flops:_}):n.dispatch(Re,{x:g,dy:e,partials:u},{params:{...V(t,["batch","height","width","out_height","out_width"]),...v,kernel:o.kernel,stride:o.stride},invocations:c*h*s*d,flops:_}),p+=h}oe(n,u,r.range(n,`${o.name}.weight`,"gradients"),d);let m=t.batch*t.out_height*t.out_width,y=se(m,Math.ceil(256/s)),w=n.tensor([y.slices,s*4],`${o.name}.bias partials`,{layout:"flat"});n.dispatch(Ne,{dy:e,partials:w},{params:{pixels:m,out4:s,slices:y.slices,slice_pixels:y.each},invocations:s*y.slices}),oe(n,w,r.range(n,`${o.name}.bias`,"gradients"),y.slices)}var Nt={name:"max_pool",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write",argmax:"read_write"}},Ot={name:"max_pool_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",argmax:"read",activated:"read",dx:"read_write"},includes:["activation"]};function Be(t,e,r="pool"){let[a,n,o,i]=e.shape,s=A(i)/4,c=t.tensor([a,G(n,2),G(o,2),i],r),d=t.tensor([O(c)],`${r}.argmax`,{layout:"flat"}),l={batch:a,height:n,width:o,c4:s};return t.within(r,()=>{t.dispatch(Nt,{x:e,y:c,argmax:d},{params:l,invocations:O(c)}),t.gradient(c,u=>{let{gradient:p,accumulate:m}=t.gradientOf(e),{activated:y,constants:w}=E(e,u);t.dispatch(Ot,{dy:u,argmax:d,activated:y,dx:p},{params:{...l,accumulate:Number(m)},constants:w,invocations:O(e)})})}),c}var Fe=64,J=class{specs;length;#e;#r=new Map;#t=new Map;#n=new WeakMap;constructor(e,r){this.#e=e,this.specs=r;let a=0;for(let n of r){let o=Ie(n);this.#r.set(n.name,{spec:n,offset:a,length:o}),a+=Math.ceil(o/Fe)*Fe}this.length=a}range(e,r,a="values"){let{offset:n,length:o}=this.#a(r);return{tensor:this.whole(e,a),offset:n*4,size:o*4}}whole(e,r){let a=this.#n.get(e);a||this.#n.set(e,a=new Map);let n=a.get(r);return n||(n=e.tensor([this.length],`parameters.${r}`,{layout:"flat",lifetime:"persistent",external:this.#o(r)}),a.set(r,n)),n}upload(e,r="values"){let a=new Float32Array(this.length);for(let{spec:n,offset:o}of this.#r.values()){let i=e.get(n.name);if(!i||i.length!==U(n.shape))throw new b(`Cannot upload ${n.name}: it has ${U(n.shape)} values, got ${i?.length??"none"}`);a.set(Et(i,n),o)}this.#e.write(this.#o(r),0,a)}async download(e="values"){let r=this.length*4,{device:a}=this.#e,n=this.#e.buffer(`read ${e}`,r,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let o=a.createCommandEncoder();o.copyBufferToBuffer(this.#o(e),0,n,0,r),a.queue.submit([o.finish()]),await n.mapAsync(GPUMapMode.READ),this.#e.check();let i=new Float32Array(n.getMappedRange(0,r).slice(0));return new Map([...this.#r.values()].map(({spec:s,offset:c,length:d})=>[s.name,Mt(i.subarray(c,c+d),s)]))}finally{this.#e.release(n)}}[Symbol.dispose](){for(let e of this.#t.values())this.#e.release(e);this.#t.clear()}#a(e){let r=this.#r.get(e);if(!r)throw new b(`Cannot find the parameter ${e}`);return r}#o(e){let r=this.#t.get(e);if(!r){let a=GPUBufferUsage.STORAGE|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC;r=this.#e.buffer(`parameters.${e}`,this.length*4,a),this.#t.set(e,r)}return r}};function Ct(t){return t.reduce((e,r)=>e+A(r),0)}function Ie({shape:t,sources:e}){if(t.length===1)return A(t[0]);let[r,a,n,o]=t;return r*a*Ct(e??[n])*A(o)}function Et(t,e){let{shape:r,sources:a}=e,n=r[r.length-1],o=j(t,n);if(r.length===1)return o;let i=A(n),s=new Float32Array(Ie(e));return ze(r,a,(c,d)=>s.set(o.subarray(c*i,(c+1)*i),d*i)),s}function Mt(t,e){let{shape:r,sources:a}=e,n=r[r.length-1];if(r.length===1)return z(t,n).slice(0,n);let o=A(n),i=new Float32Array(U(r.slice(0,-1))*o);return ze(r,a,(s,c)=>i.set(t.subarray(c*o,(c+1)*o),s*o)),z(i,n).slice()}function ze(t,e,r){let a=t[0]*t[1],n=0,o=0;for(let i=0;i<a;i++)for(let s of e??[t[2]]){for(let c=0;c<s;c++)r(n++,o+c);o+=A(s)}}function M(t){let{channels:e,widths:r,encoderBlocks:a,decoderBlocks:n,activation:o,down:i,up:s,residual:c,residualBlocks:d}=t,l=[],u=[],p=(h,v,_,T,$,C=1,te=3)=>{l.push({op:"conv2d",name:h,inputs:v,output:h,kernel:te,stride:C,inChannels:_,outChannels:T,activation:$});let ut=_.reduce((pt,mt)=>pt+mt,0);return u.push({name:`${h}.weight`,shape:[te,te,ut,T]},{name:`${h}.bias`,shape:[T]}),h},m=(h,v,_)=>{let T=p(h,[v],[_],_,o);return d?(l.push({op:"add",inputs:[v,T],output:`${h}.sum`}),`${h}.sum`):T},y=r.length-1,w=[],f="image",g=e;for(let h=0;h<=y;h++){h>0&&(w.push(f),i==="stride"?(f=p(`down${h}`,[f],[g],r[h],o,2),g=r[h]):(l.push({op:"maxPool",input:f,output:`pool${h}`}),f=`pool${h}`)),f=p(`enc${h}.0`,[f],[g],r[h],o),g=r[h];for(let v=1;v<a[h];v++)f=m(`enc${h}.${v}`,f,g)}for(let h=y-1;h>=0;h--){l.push({op:"upsample",input:f,output:`up${h}`,mode:s}),f=p(`dec${h}.0`,[`up${h}`,w[h]],[g,r[h]],r[h],o),g=r[h];for(let v=1;v<n[h];v++)f=m(`dec${h}.${v}`,f,g)}return f=p("out",[f],[g],e,"none"),c&&(l.push({op:"add",inputs:["image",f],output:"restored"}),f="restored"),{nodes:l,parameters:u,output:f}}function de(t){let e=new Map([["image",{scale:1,radius:0}]]);for(let r of M(t).nodes){let n=("inputs"in r?r.inputs:[r.input]).map(s=>e.get(s)),o=Math.max(...n.map(s=>s.radius)),i=n[0].scale;r.op==="conv2d"?e.set(r.output,{scale:i*r.stride,radius:o+(r.kernel-1)/2*i}):r.op==="maxPool"?e.set(r.output,{scale:i*2,radius:o+i}):r.op==="upsample"?e.set(r.output,{scale:i/2,radius:o+(r.mode==="nearest"?i/2:i)}):e.set(r.output,{scale:i,radius:o})}return e.get(M(t).output).radius}function Ke(t={}){let{base:e=16,depth:r=(t.widths?.length??4)-1,blocks:a=2}=t,n=(d,l,u,p)=>{if(!Number.isInteger(l)||l<u||l>p)throw new RangeError(`Cannot make a U-Net: ${d} must be a whole number from ${u} to ${p}, got ${l}`)};n("base",e,1,512),n("depth",r,0,6),n("blocks",a,1,16);let o={channels:t.channels??3,widths:t.widths??Array.from({length:r+1},(d,l)=>e*2**l),encoderBlocks:t.encoderBlocks??Array(r+1).fill(a),decoderBlocks:t.decoderBlocks??Array(r).fill(a),activation:t.activation??"leaky-relu",down:t.down??"max-pool",up:t.up??"nearest",residual:t.residual??!0,residualBlocks:t.residualBlocks??!0};n("channels",o.channels,1,16);let{widths:i,encoderBlocks:s,decoderBlocks:c}=o;if(i.forEach(d=>n("a width",d,1,4096)),s.forEach(d=>n("a scale's encoder blocks",d,1,16)),c.forEach(d=>n("a scale's decoder blocks",d,1,16)),s.length!==i.length||c.length!==i.length-1)throw new RangeError(`Cannot make a U-Net: ${i.length} widths want ${i.length} encoder and ${i.length-1} decoder block counts, got ${s.length} and ${c.length}`);for(let[d,l,u]of[["activation",o.activation,["none","relu","leaky-relu"]],["down",o.down,["max-pool","stride"]],["up",o.up,["nearest","bilinear"]]])if(!u.includes(l))throw new RangeError(`Cannot make a U-Net: ${d} must be one of ${u.join(", ")}, got ${l}`);return o}function D(t){return 2**(t.widths.length-1)}function De(t,e){let r=M(e),a=new Map(r.nodes.flatMap(n=>n.op==="conv2d"?[[`${n.name}.weight`,n.inChannels]]:[]));return new J(t,r.parameters.map(n=>({...n,sources:a.get(n.name)})))}function We(t,e,r,a,n={}){let o=D(r),[,i,s,c]=e.shape;if(i%o||s%o||c!==r.channels)throw new b(`Cannot record the U-Net: the image is ${i}×${s}×${c}, it takes multiples of ${o} and ${r.channels} channels`);let d=M(r),l=new Map([["image",e]]),u=new Set([e]),p=m=>{let y=l.get(m);if("upsampled"in y)throw new b(`Cannot record the U-Net: ${m} is read by more than a convolution`);return y};for(let m of d.nodes)if(m.op==="conv2d"){let y=m.inputs.map(w=>l.get(w));l.set(m.output,Ee(t,y,a,m,{...n,withoutGradient:u}))}else m.op==="maxPool"?l.set(m.output,Be(t,p(m.input),m.output)):m.op==="add"?l.set(m.output,Te(t,p(m.inputs[0]),p(m.inputs[1]),m.output,u)):m.mode==="nearest"?l.set(m.output,{upsampled:p(m.input)}):l.set(m.output,Ce(t,p(m.input),m.mode,m.output));return p(d.output)}var B=class extends Error{name="TileTooLargeError"};var Gt=2,Y=class{topology;device;preferredTile;#e;#r;#t=new Map;constructor(e,r,a){this.topology=r,this.device=e.adapter.software?`software adapter (${e.adapter.name})`:`GPU (${e.adapter.name})`,this.preferredTile=e.adapter.software?256:512,this.#e=e,this.#r=De(e,r),this.#r.upload(a)}async run(e,r,a){let n=await this.#n(r,a);return n.write("image",e),n.run(),await n.read("restored")}async#n(e,r){let a=`${e}×${r}`,n=this.#t.get(a);if(n)return this.#t.delete(a),this.#t.set(a,n),n;let o=new H({training:!1}),i=o.input("image",[1,e,r,this.topology.channels]);o.output("restored",We(o,i,this.topology,this.#r));let s;try{s=await be(this.#e,o)}catch(c){throw c instanceof R?new B(c.message,{cause:c}):c}this.#t.set(a,s);for(let[c,d]of this.#t){if(this.#t.size<=Gt)break;this.#t.delete(c),d[Symbol.dispose]()}return s}[Symbol.dispose](){for(let e of this.#t.values())e[Symbol.dispose]();this.#t.clear(),this.#r[Symbol.dispose]()}};var x=class extends Error{name="UserError";constructor(e,r){super(e,r),this.exitCode=r?.exitCode??1}exitCode};var ue={activation:`// Included by kernels that fuse an activation: 0 none, 1 relu, 2 leaky relu with slope 0.1 (LEAKY_SLOPE in src/nn/topology.ts).
override ACTIVATION: u32 = 0u;

fn activate(v: vec4f) -> vec4f {
  if (ACTIVATION == 1u) { return max(v, vec4f()); }
  if (ACTIVATION == 2u) { return max(v, 0.1 * v); }
  return v;
}

// Derivative of the activation, from its value y = activate(v): both kinds keep the sign of v.
fn activation_slope(y: vec4f) -> vec4f {
  if (ACTIVATION == 1u) { return select(vec4f(), vec4f(1.0), y > vec4f()); }
  if (ACTIVATION == 2u) { return select(vec4f(0.1), vec4f(1.0), y > vec4f()); }
  return vec4f(1.0);
}
`,adam:`// Adam with bias correction (Kingma and Ba 2015), decoupled weight decay (Loshchilov and Hutter 2019), clipping of the gradient's
// global norm (Pascanu et al. 2013) and an exponential moving average of the weights, elementwise over all parameters:
//   g ← g · min(1, max_norm / ‖g‖); m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²;
//   p ← p - lr · (m · correction₁ / (√(v · correction₂) + ε) + decay · p); average ← average + (1-ema) · (p - average)
// where correctionᵢ = 1 / (1 - βᵢᵗ). p, g, m, v, average: [count] vec4 f32; norm: ‖g‖² in x. An invocation owns one vec4.
struct Params { count: i32 }
struct Step {
  learning_rate: f32, beta1: f32, beta2: f32, epsilon: f32,
  correction1: f32, correction2: f32, decay: f32, max_norm: f32,
  ema: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> g: array<vec4f>;
@group(0) @binding(3) var<storage, read> norm: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> average: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let norm_root = sqrt(norm[0].x);
  var scale = 1.0;
  if (now.max_norm > 0.0 && norm_root > now.max_norm) { scale = now.max_norm / norm_root; }
  let gradient = g[index] * scale;
  let first = fma(vec4f(1.0 - now.beta1), gradient - m[index], m[index]);
  let second = fma(vec4f(1.0 - now.beta2), gradient * gradient - v[index], v[index]);
  m[index] = first;
  v[index] = second;
  let before = p[index];
  let update = first * now.correction1 / (sqrt(second * now.correction2) + vec4f(now.epsilon)) + now.decay * before;
  let after = before - now.learning_rate * update;
  p[index] = after;
  average[index] = fma(vec4f(1.0 - now.ema), after - average[index], average[index]);
}
`,add:`// Residual add: y = a + b, elementwise over vec4 f32. An invocation owns one vec4.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  y[index] = a[index] + b[index];
}
`,add_grad:`// Gradient of a residual add, for one of its terms x: dx = activation_slope(x) * dy, elementwise over vec4 f32;
// added to what dx holds when params.accumulate is set. An invocation owns one vec4.
struct Params { count: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var gradient = dy[index] * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,bias_grad:`// Bias gradient: db[o] = sum over n,y,x of dy[n,y,x,o].
// dy: [pixels][out4] vec4 f32, partials: [slices][out4] vec4; sum_slices adds the slices in order.
// An invocation owns four outputs and one slice of the pixels.
struct Params { pixels: i32, out4: i32, slices: i32, slice_pixels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.out4 * params.slices) { return; }
  let o = index % params.out4;
  let slice = index / params.out4;
  let end = min((slice + 1) * params.slice_pixels, params.pixels);
  var sum = vec4f();
  for (var pixel = slice * params.slice_pixels; pixel < end; pixel++) { sum += dy[pixel * params.out4 + o]; }
  partials[index] = sum;
}
`,conv2d_input_grad_naive:`// Input gradient of a k×k convolution, any stride:
// dx[n,y,x,c] = activation_slope(x) * sum over ky,kx,o of w[ky,kx,c,o] * dy[n, (y+r-ky)/stride, (x+r-kx)/stride, o], where the division is exact.
// dy: [N,OH,OW,4·out4] f32, w: [k·k][4·in4][out4] vec4, dx: [N,H,W,4·target4] f32 for the inputs 4·first4 .. 4·(first4 + target4);
// added to what dx holds when params.accumulate is set. An invocation owns one pixel by four inputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, target4: i32, first4: i32, kernel: i32, stride: i32, accumulate: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.target4) { return; }
  let c = index % params.target4;
  let pixel = index / params.target4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let radius = (params.kernel - 1) / 2;
  var sum = vec4f();
  for (var ky = 0; ky < params.kernel; ky++) {
    let up = row + radius - ky;
    let out_row = up / params.stride;
    if (up < 0 || out_row * params.stride != up || out_row >= params.out_height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let across = column + radius - kx;
      let out_column = across / params.stride;
      if (across < 0 || out_column * params.stride != across || out_column >= params.out_width) { continue; }
      let at = ((n * params.out_height + out_row) * params.out_width + out_column) * params.out4;
      let tap = ((ky * params.kernel + kx) * params.in4 + params.first4 + c) * 4 * params.out4;
      for (var o = 0; o < params.out4; o++) {
        let d = dy[at + o];
        sum += vec4f(
          dot(w[tap + o], d), dot(w[tap + params.out4 + o], d),
          dot(w[tap + 2 * params.out4 + o], d), dot(w[tap + 3 * params.out4 + o], d),
        );
      }
    }
  }
  sum *= activation_slope(activated[index]);
  if (params.accumulate != 0) { sum += dx[index]; }
  dx[index] = sum;
}
`,conv2d_naive:`// Convolution k×k ('same', kernel centred on (y·stride, x·stride)): the readable version, and the one for 1×1, stride 2 and wide layers.
// y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// x: sources a and b joined along the channels, [N,H,W,4·(a4|b4)] f32 (a of half the size when params.a_shift = 1),
// w: [k·k][4·in4][out4] vec4 over outputs, bias: [out4] vec4, y: [N,OH,OW,4·out4] f32. An invocation owns one pixel by four outputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  a4: i32, b4: i32, a_shift: u32, out4: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read> w: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.out_height * params.out_width * params.out4) { return; }
  let o = index % params.out4;
  let pixel = index / params.out4;
  let column = pixel % params.out_width;
  let row = (pixel / params.out_width) % params.out_height;
  let n = pixel / (params.out_width * params.out_height);
  let radius = (params.kernel - 1) / 2;
  let in4 = params.a4 + params.b4;
  var sum = bias[o];
  for (var ky = 0; ky < params.kernel; ky++) {
    let source_row = row * params.stride + ky - radius;
    if (source_row < 0 || source_row >= params.height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let source_column = column * params.stride + kx - radius;
      if (source_column < 0 || source_column >= params.width) { continue; }
      let shift = params.a_shift;
      let at_a = ((n * (params.height >> shift) + (source_row >> shift)) * (params.width >> shift) + (source_column >> shift)) * params.a4;
      let at_b = ((n * params.height + source_row) * params.width + source_column) * params.b4;
      let tap = (ky * params.kernel + kx) * in4 * 4 * params.out4 + o;
      for (var c = 0; c < in4; c++) {
        var v: vec4f;
        if (c < params.a4) { v = a[at_a + c]; } else { v = b[at_b + c - params.a4]; }
        let t = tap + c * 4 * params.out4;
        sum = fma(vec4f(v.x), w[t], sum);
        sum = fma(vec4f(v.y), w[t + params.out4], sum);
        sum = fma(vec4f(v.z), w[t + 2 * params.out4], sum);
        sum = fma(vec4f(v.w), w[t + 3 * params.out4], sum);
      }
    }
  }
  y[index] = activate(sum);
}
`,conv2d_pack:`// Rearranges the weights of a 3×3 convolution for conv2d_tile8.
// weight: [9 taps][4·in4 inputs][out4] vec4 over outputs, f32, padded with zeros; bias: [out4] vec4.
// packed: blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][source4][4][2] vec4, then 2 vec4 of bias.
// FORWARD 1: as they are. FORWARD 0: for the input gradient of inputs 4·first4 .. 4·(first4 + target4): the taps turned by 180°,
// inputs and outputs exchanged, bias zero. An invocation writes one vec4.
struct Params { in4: i32, out4: i32, source4: i32, target4: i32, first4: i32, block_vec4s: i32, count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> packed: array<vec4f>;

override FORWARD: u32 = 1u;

fn turned(tap: i32, input: i32, output: i32) -> f32 {
  return weight[((8 - tap) * params.in4 * 4 + params.first4 * 4 + input) * params.out4 + output / 4][output % 4];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let block = index / params.block_vec4s;
  let inner = index % params.block_vec4s;
  let target_vec = block * 2 + inner % 2;
  var value = vec4f();
  if (target_vec < params.target4) {
    if (inner < 72 * params.source4) {
      let source = (inner / 2) % (params.source4 * 4);
      let tap = inner / (8 * params.source4);
      if (FORWARD == 1u) {
        value = weight[(tap * params.in4 * 4 + source) * params.out4 + target_vec];
      } else {
        let first = target_vec * 4;
        value = vec4f(
          turned(tap, first, source), turned(tap, first + 1, source),
          turned(tap, first + 2, source), turned(tap, first + 3, source),
        );
      }
    } else if (FORWARD == 1u && inner < 72 * params.source4 + 2) {
      value = bias[target_vec];
    }
  }
  packed[index] = value;
}
`,conv2d_tile8:`// Convolution 3×3, stride 1, 'same': y = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]).
// The same kernel is the input gradient, with transposed and turned weights (conv2d_pack): then
// dx = (sum) * activation_slope(x), added to what dx holds when params.accumulate is set.
// x: sources a and b joined along the channels, each [N,H,W,4·(a4|b4)] f32; source a may be of half the size (params.a_shift = 1:
// nearest upsampling by the address). y: [N,H,W,4·out4] f32. Channels beyond the tensor's own are zero.
// w: blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][inside4][4 inputs][2] vec4 over outputs, then 2 vec4 of bias; as many blocks as 64 KiB hold.
// An invocation owns 8 pixels of a row by 8 outputs: 16 vec4 accumulators, no barrier, no workgroup memory. Weights have the same
// address in all lanes of a workgroup (one block of outputs each), which uniform buffers serve at register speed.
struct Params {
  batch: i32, height: i32, width: i32,
  a4: i32, b4: i32, a_shift: u32,
  out4: i32, first_block: i32, block_vec4s: i32,
  accumulate: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<uniform> w: array<vec4f, 4096>;
@group(0) @binding(4) var<storage, read> activated: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;

// 1: forward (bias, activation). 0: input gradient (activation_slope of \`activated\`, accumulate).
override FORWARD: u32 = 1u;

fn mac(acc: vec4f, v: vec4f, w0: vec4f, w1: vec4f, w2: vec4f, w3: vec4f) -> vec4f {
  return fma(w3, vec4f(v.w), fma(w2, vec4f(v.z), fma(w1, vec4f(v.y), fma(w0, vec4f(v.x), acc))));
}

fn store(at: i32, value: vec4f) {
  if (FORWARD == 1u) {
    y[at] = activate(value);
  } else {
    var gradient = value * activation_slope(activated[at]);
    if (params.accumulate != 0) { gradient += y[at]; }
    y[at] = gradient;
  }
}

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let height = params.height;
  let width = params.width;
  let runs = (width + 7) / 8;
  let run = i32(id.x + id.y * groups.x * 64u);
  if (run >= params.batch * height * runs) { return; }
  let x0 = (run % runs) * 8;
  let row = (run / runs) % height;
  let n = run / (runs * height);
  let block = i32(group.z) * params.block_vec4s;
  let in4 = params.a4 + params.b4;

  // Columns x0-1 .. x0+8, kept inside the row for the load; those outside count as zero.
  let c0 = clamp(x0 + -1, 0, width - 1);
  let c1 = clamp(x0 + 0, 0, width - 1);
  let c2 = clamp(x0 + 1, 0, width - 1);
  let c3 = clamp(x0 + 2, 0, width - 1);
  let c4 = clamp(x0 + 3, 0, width - 1);
  let c5 = clamp(x0 + 4, 0, width - 1);
  let c6 = clamp(x0 + 5, 0, width - 1);
  let c7 = clamp(x0 + 6, 0, width - 1);
  let c8 = clamp(x0 + 7, 0, width - 1);
  let c9 = clamp(x0 + 8, 0, width - 1);
  let left = x0 > 0;
  let inside2 = x0 + 1 < width;
  let inside3 = x0 + 2 < width;
  let inside4 = x0 + 3 < width;
  let inside5 = x0 + 4 < width;
  let inside6 = x0 + 5 < width;
  let inside7 = x0 + 6 < width;
  let inside8 = x0 + 7 < width;
  let inside9 = x0 + 8 < width;

  let bias = block + 72 * in4;
  var s00 = w[bias + 0];
  var s10 = w[bias + 0];
  var s20 = w[bias + 0];
  var s30 = w[bias + 0];
  var s40 = w[bias + 0];
  var s50 = w[bias + 0];
  var s60 = w[bias + 0];
  var s70 = w[bias + 0];
  var s01 = w[bias + 1];
  var s11 = w[bias + 1];
  var s21 = w[bias + 1];
  var s31 = w[bias + 1];
  var s41 = w[bias + 1];
  var s51 = w[bias + 1];
  var s61 = w[bias + 1];
  var s71 = w[bias + 1];

  for (var c = 0; c < in4; c++) {
    for (var ky = 0; ky < 3; ky++) {
      let source_row = row + ky - 1;
      if (source_row < 0 || source_row >= height) { continue; }
      var v0: vec4f;
      var v1: vec4f;
      var v2: vec4f;
      var v3: vec4f;
      var v4: vec4f;
      var v5: vec4f;
      var v6: vec4f;
      var v7: vec4f;
      var v8: vec4f;
      var v9: vec4f;
      if (c < params.a4) {
        let shift = params.a_shift;
        let base = (n * (height >> shift) + (source_row >> shift)) * (width >> shift);
        v0 = a[(base + (c0 >> shift)) * params.a4 + c];
        v1 = a[(base + (c1 >> shift)) * params.a4 + c];
        v2 = a[(base + (c2 >> shift)) * params.a4 + c];
        v3 = a[(base + (c3 >> shift)) * params.a4 + c];
        v4 = a[(base + (c4 >> shift)) * params.a4 + c];
        v5 = a[(base + (c5 >> shift)) * params.a4 + c];
        v6 = a[(base + (c6 >> shift)) * params.a4 + c];
        v7 = a[(base + (c7 >> shift)) * params.a4 + c];
        v8 = a[(base + (c8 >> shift)) * params.a4 + c];
        v9 = a[(base + (c9 >> shift)) * params.a4 + c];
      } else {
        let base = (n * height + source_row) * width;
        let channel = c - params.a4;
        v0 = b[(base + c0) * params.b4 + channel];
        v1 = b[(base + c1) * params.b4 + channel];
        v2 = b[(base + c2) * params.b4 + channel];
        v3 = b[(base + c3) * params.b4 + channel];
        v4 = b[(base + c4) * params.b4 + channel];
        v5 = b[(base + c5) * params.b4 + channel];
        v6 = b[(base + c6) * params.b4 + channel];
        v7 = b[(base + c7) * params.b4 + channel];
        v8 = b[(base + c8) * params.b4 + channel];
        v9 = b[(base + c9) * params.b4 + channel];
      }
      v0 = select(vec4f(), v0, left);
      v2 = select(vec4f(), v2, inside2);
      v3 = select(vec4f(), v3, inside3);
      v4 = select(vec4f(), v4, inside4);
      v5 = select(vec4f(), v5, inside5);
      v6 = select(vec4f(), v6, inside6);
      v7 = select(vec4f(), v7, inside7);
      v8 = select(vec4f(), v8, inside8);
      v9 = select(vec4f(), v9, inside9);
      let tap = block + (ky * 3 * in4 + c) * 8;
      {
        let t = tap;
        let w00 = w[t + 0];
        let w10 = w[t + 2];
        let w20 = w[t + 4];
        let w30 = w[t + 6];
        s00 = mac(s00, v0, w00, w10, w20, w30);
        s10 = mac(s10, v1, w00, w10, w20, w30);
        s20 = mac(s20, v2, w00, w10, w20, w30);
        s30 = mac(s30, v3, w00, w10, w20, w30);
        s40 = mac(s40, v4, w00, w10, w20, w30);
        s50 = mac(s50, v5, w00, w10, w20, w30);
        s60 = mac(s60, v6, w00, w10, w20, w30);
        s70 = mac(s70, v7, w00, w10, w20, w30);
        let w01 = w[t + 1];
        let w11 = w[t + 3];
        let w21 = w[t + 5];
        let w31 = w[t + 7];
        s01 = mac(s01, v0, w01, w11, w21, w31);
        s11 = mac(s11, v1, w01, w11, w21, w31);
        s21 = mac(s21, v2, w01, w11, w21, w31);
        s31 = mac(s31, v3, w01, w11, w21, w31);
        s41 = mac(s41, v4, w01, w11, w21, w31);
        s51 = mac(s51, v5, w01, w11, w21, w31);
        s61 = mac(s61, v6, w01, w11, w21, w31);
        s71 = mac(s71, v7, w01, w11, w21, w31);
      }
      {
        let t = tap + in4 * 8;
        let w00 = w[t + 0];
        let w10 = w[t + 2];
        let w20 = w[t + 4];
        let w30 = w[t + 6];
        s00 = mac(s00, v1, w00, w10, w20, w30);
        s10 = mac(s10, v2, w00, w10, w20, w30);
        s20 = mac(s20, v3, w00, w10, w20, w30);
        s30 = mac(s30, v4, w00, w10, w20, w30);
        s40 = mac(s40, v5, w00, w10, w20, w30);
        s50 = mac(s50, v6, w00, w10, w20, w30);
        s60 = mac(s60, v7, w00, w10, w20, w30);
        s70 = mac(s70, v8, w00, w10, w20, w30);
        let w01 = w[t + 1];
        let w11 = w[t + 3];
        let w21 = w[t + 5];
        let w31 = w[t + 7];
        s01 = mac(s01, v1, w01, w11, w21, w31);
        s11 = mac(s11, v2, w01, w11, w21, w31);
        s21 = mac(s21, v3, w01, w11, w21, w31);
        s31 = mac(s31, v4, w01, w11, w21, w31);
        s41 = mac(s41, v5, w01, w11, w21, w31);
        s51 = mac(s51, v6, w01, w11, w21, w31);
        s61 = mac(s61, v7, w01, w11, w21, w31);
        s71 = mac(s71, v8, w01, w11, w21, w31);
      }
      {
        let t = tap + 2 * in4 * 8;
        let w00 = w[t + 0];
        let w10 = w[t + 2];
        let w20 = w[t + 4];
        let w30 = w[t + 6];
        s00 = mac(s00, v2, w00, w10, w20, w30);
        s10 = mac(s10, v3, w00, w10, w20, w30);
        s20 = mac(s20, v4, w00, w10, w20, w30);
        s30 = mac(s30, v5, w00, w10, w20, w30);
        s40 = mac(s40, v6, w00, w10, w20, w30);
        s50 = mac(s50, v7, w00, w10, w20, w30);
        s60 = mac(s60, v8, w00, w10, w20, w30);
        s70 = mac(s70, v9, w00, w10, w20, w30);
        let w01 = w[t + 1];
        let w11 = w[t + 3];
        let w21 = w[t + 5];
        let w31 = w[t + 7];
        s01 = mac(s01, v2, w01, w11, w21, w31);
        s11 = mac(s11, v3, w01, w11, w21, w31);
        s21 = mac(s21, v4, w01, w11, w21, w31);
        s31 = mac(s31, v5, w01, w11, w21, w31);
        s41 = mac(s41, v6, w01, w11, w21, w31);
        s51 = mac(s51, v7, w01, w11, w21, w31);
        s61 = mac(s61, v8, w01, w11, w21, w31);
        s71 = mac(s71, v9, w01, w11, w21, w31);
      }
    }
  }

  let first = (params.first_block + i32(group.z)) * 2;
  let at = ((n * height + row) * width + x0) * params.out4 + first;
  let two = first + 1 < params.out4;
  store(at + 0 * params.out4, s00);
  if (two) { store(at + 0 * params.out4 + 1, s01); }
  if (inside2) {
    store(at + 1 * params.out4, s10);
    if (two) { store(at + 1 * params.out4 + 1, s11); }
  }
  if (inside3) {
    store(at + 2 * params.out4, s20);
    if (two) { store(at + 2 * params.out4 + 1, s21); }
  }
  if (inside4) {
    store(at + 3 * params.out4, s30);
    if (two) { store(at + 3 * params.out4 + 1, s31); }
  }
  if (inside5) {
    store(at + 4 * params.out4, s40);
    if (two) { store(at + 4 * params.out4 + 1, s41); }
  }
  if (inside6) {
    store(at + 5 * params.out4, s50);
    if (two) { store(at + 5 * params.out4 + 1, s51); }
  }
  if (inside7) {
    store(at + 6 * params.out4, s60);
    if (two) { store(at + 6 * params.out4 + 1, s61); }
  }
  if (inside8) {
    store(at + 7 * params.out4, s70);
    if (two) { store(at + 7 * params.out4 + 1, s71); }
  }
}
`,conv2d_weight_grad_naive:`// Weight gradient of a k×k convolution, any stride:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4] f32,
// partials: [slices][k·k][4·total4 inputs][out4] vec4; sum_slices adds the slices in order.
// An invocation owns one tap, four inputs by four outputs, and walks the output rows of its slice.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  slices: i32, rows: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let taps = params.kernel * params.kernel;
  let blocks = taps * params.in4 * params.out4;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let o = index % params.out4;
  let c = (index / params.out4) % params.in4;
  let tap = (index / (params.out4 * params.in4)) % taps;
  let radius = (params.kernel - 1) / 2;
  let ky = tap / params.kernel - radius;
  let kx = tap % params.kernel - radius;
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  let end = min((slice + 1) * params.rows, params.batch * params.out_height);
  for (var out_row = slice * params.rows; out_row < end; out_row++) {
    let n = out_row / params.out_height;
    let row = (out_row % params.out_height) * params.stride + ky;
    if (row < 0 || row >= params.height) { continue; }
    let base = (n * (params.height >> params.shift) + (row >> params.shift)) * (params.width >> params.shift);
    for (var out_column = 0; out_column < params.out_width; out_column++) {
      let column = out_column * params.stride + kx;
      if (column < 0 || column >= params.width) { continue; }
      let v = x[(base + (column >> params.shift)) * params.in4 + c];
      let d = dy[(out_row * params.out_width + out_column) * params.out4 + o];
      s0 = fma(vec4f(v.x), d, s0);
      s1 = fma(vec4f(v.y), d, s1);
      s2 = fma(vec4f(v.z), d, s2);
      s3 = fma(vec4f(v.w), d, s3);
    }
  }
  let at = ((slice * taps + tap) * params.total4 + params.first4 + c) * 4 * params.out4 + o;
  partials[at] = s0;
  partials[at + params.out4] = s1;
  partials[at + 2 * params.out4] = s2;
  partials[at + 3 * params.out4] = s3;
}
`,conv2d_weight_grad_rows:`// Weight gradient of a 3×3 convolution with stride 1: dw[ky,kx,c,o] = sum over n,y,x of x[n, y+ky-1, x+kx-1, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (half the size when params.shift = 1: nearest upsampling by the address), dy: [N,H,W,4·out4] f32,
// partials: [slices][9][all inputs, 4·total4][out4] vec4 f32; sum_slices adds the slices in order, so the same run gives the same bits.
// An invocation owns 4 inputs by 4 outputs for all nine taps (36 vec4 accumulators) and walks the rows of its slice from left to right,
// so that each column of x is loaded once and used for three taps in x.
struct Params {
  batch: i32, height: i32, width: i32,
  in4: i32, out4: i32, shift: u32,
  first4: i32, total4: i32,
  slices: i32, rows: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let blocks = params.in4 * params.out4;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let o = (index % blocks) % params.out4;
  let c = (index % blocks) / params.out4;
  let height = params.height;
  let width = params.width;
  let shift = params.shift;
  let in4 = params.in4;
  var s00 = vec4f();
  var s01 = vec4f();
  var s02 = vec4f();
  var s03 = vec4f();
  var s10 = vec4f();
  var s11 = vec4f();
  var s12 = vec4f();
  var s13 = vec4f();
  var s20 = vec4f();
  var s21 = vec4f();
  var s22 = vec4f();
  var s23 = vec4f();
  var s30 = vec4f();
  var s31 = vec4f();
  var s32 = vec4f();
  var s33 = vec4f();
  var s40 = vec4f();
  var s41 = vec4f();
  var s42 = vec4f();
  var s43 = vec4f();
  var s50 = vec4f();
  var s51 = vec4f();
  var s52 = vec4f();
  var s53 = vec4f();
  var s60 = vec4f();
  var s61 = vec4f();
  var s62 = vec4f();
  var s63 = vec4f();
  var s70 = vec4f();
  var s71 = vec4f();
  var s72 = vec4f();
  var s73 = vec4f();
  var s80 = vec4f();
  var s81 = vec4f();
  var s82 = vec4f();
  var s83 = vec4f();

  let end = min((slice + 1) * params.rows, params.batch * height);
  for (var row = slice * params.rows; row < end; row++) {
    let n = row / height;
    let y = row % height;
    let above = y > 0;
    let below = y + 1 < height;
    let base0 = (n * (height >> shift) + (max(y - 1, 0) >> shift)) * (width >> shift);
    let base1 = (n * (height >> shift) + (y >> shift)) * (width >> shift);
    let base2 = (n * (height >> shift) + (min(y + 1, height - 1) >> shift)) * (width >> shift);
    var l0 = vec4f();
    var l1 = vec4f();
    var l2 = vec4f();
    var m0 = select(vec4f(), x[base0 * in4 + c], above);
    var m1 = x[base1 * in4 + c];
    var m2 = select(vec4f(), x[base2 * in4 + c], below);
    for (var column = 0; column < width; column++) {
      let d = dy[(row * width + column) * params.out4 + o];
      let inside = column + 1 < width;
      let next = min(column + 1, width - 1) >> shift;
      let r0 = select(vec4f(), x[(base0 + next) * in4 + c], above && inside);
      let r1 = select(vec4f(), x[(base1 + next) * in4 + c], inside);
      let r2 = select(vec4f(), x[(base2 + next) * in4 + c], below && inside);
      s00 = fma(vec4f(l0.x), d, s00);
      s01 = fma(vec4f(l0.y), d, s01);
      s02 = fma(vec4f(l0.z), d, s02);
      s03 = fma(vec4f(l0.w), d, s03);
      s10 = fma(vec4f(m0.x), d, s10);
      s11 = fma(vec4f(m0.y), d, s11);
      s12 = fma(vec4f(m0.z), d, s12);
      s13 = fma(vec4f(m0.w), d, s13);
      s20 = fma(vec4f(r0.x), d, s20);
      s21 = fma(vec4f(r0.y), d, s21);
      s22 = fma(vec4f(r0.z), d, s22);
      s23 = fma(vec4f(r0.w), d, s23);
      s30 = fma(vec4f(l1.x), d, s30);
      s31 = fma(vec4f(l1.y), d, s31);
      s32 = fma(vec4f(l1.z), d, s32);
      s33 = fma(vec4f(l1.w), d, s33);
      s40 = fma(vec4f(m1.x), d, s40);
      s41 = fma(vec4f(m1.y), d, s41);
      s42 = fma(vec4f(m1.z), d, s42);
      s43 = fma(vec4f(m1.w), d, s43);
      s50 = fma(vec4f(r1.x), d, s50);
      s51 = fma(vec4f(r1.y), d, s51);
      s52 = fma(vec4f(r1.z), d, s52);
      s53 = fma(vec4f(r1.w), d, s53);
      s60 = fma(vec4f(l2.x), d, s60);
      s61 = fma(vec4f(l2.y), d, s61);
      s62 = fma(vec4f(l2.z), d, s62);
      s63 = fma(vec4f(l2.w), d, s63);
      s70 = fma(vec4f(m2.x), d, s70);
      s71 = fma(vec4f(m2.y), d, s71);
      s72 = fma(vec4f(m2.z), d, s72);
      s73 = fma(vec4f(m2.w), d, s73);
      s80 = fma(vec4f(r2.x), d, s80);
      s81 = fma(vec4f(r2.y), d, s81);
      s82 = fma(vec4f(r2.z), d, s82);
      s83 = fma(vec4f(r2.w), d, s83);
      l0 = m0;
      m0 = r0;
      l1 = m1;
      m1 = r1;
      l2 = m2;
      m2 = r2;
    }
  }

  let taps = params.total4 * 4 * params.out4;
  let at = slice * 9 * taps + (params.first4 + c) * 4 * params.out4 + o;
  partials[at + 0 * taps + 0 * params.out4] = s00;
  partials[at + 0 * taps + 1 * params.out4] = s01;
  partials[at + 0 * taps + 2 * params.out4] = s02;
  partials[at + 0 * taps + 3 * params.out4] = s03;
  partials[at + 1 * taps + 0 * params.out4] = s10;
  partials[at + 1 * taps + 1 * params.out4] = s11;
  partials[at + 1 * taps + 2 * params.out4] = s12;
  partials[at + 1 * taps + 3 * params.out4] = s13;
  partials[at + 2 * taps + 0 * params.out4] = s20;
  partials[at + 2 * taps + 1 * params.out4] = s21;
  partials[at + 2 * taps + 2 * params.out4] = s22;
  partials[at + 2 * taps + 3 * params.out4] = s23;
  partials[at + 3 * taps + 0 * params.out4] = s30;
  partials[at + 3 * taps + 1 * params.out4] = s31;
  partials[at + 3 * taps + 2 * params.out4] = s32;
  partials[at + 3 * taps + 3 * params.out4] = s33;
  partials[at + 4 * taps + 0 * params.out4] = s40;
  partials[at + 4 * taps + 1 * params.out4] = s41;
  partials[at + 4 * taps + 2 * params.out4] = s42;
  partials[at + 4 * taps + 3 * params.out4] = s43;
  partials[at + 5 * taps + 0 * params.out4] = s50;
  partials[at + 5 * taps + 1 * params.out4] = s51;
  partials[at + 5 * taps + 2 * params.out4] = s52;
  partials[at + 5 * taps + 3 * params.out4] = s53;
  partials[at + 6 * taps + 0 * params.out4] = s60;
  partials[at + 6 * taps + 1 * params.out4] = s61;
  partials[at + 6 * taps + 2 * params.out4] = s62;
  partials[at + 6 * taps + 3 * params.out4] = s63;
  partials[at + 7 * taps + 0 * params.out4] = s70;
  partials[at + 7 * taps + 1 * params.out4] = s71;
  partials[at + 7 * taps + 2 * params.out4] = s72;
  partials[at + 7 * taps + 3 * params.out4] = s73;
  partials[at + 8 * taps + 0 * params.out4] = s80;
  partials[at + 8 * taps + 1 * params.out4] = s81;
  partials[at + 8 * taps + 2 * params.out4] = s82;
  partials[at + 8 * taps + 3 * params.out4] = s83;
}
`,loss:`// Mean loss over all elements and its gradient. d = y - target, M = number of elements (pixels · channels):
// KIND 0, MSE: sum d² / M, dy = 2d / M. KIND 1, L1: sum |d| / M, dy = sign(d) / M.
// KIND 2, Charbonnier (Charbonnier et al. 1994): sum sqrt(d² + ε²) / M, dy = d / sqrt(d² + ε²) / M, ε = 1e-3.
// y, target, dy: [pixels][c4] vec4 f32, lanes beyond \`params.channels\` zero; partials: one vec4 a slice (loss in x), summed by sum_slices.
// WEIGHTED 1: the terms and gradients of image n are multiplied by weights[n] (packed four to a vec4).
// An invocation owns one slice of the vec4s.
struct Params { count: i32, c4: i32, channels: i32, slice_vec4s: i32, slices: i32, image_vec4s: i32, scale: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> goal: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dy: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> partials: array<vec4f>;

override KIND: u32 = 0u;
override WEIGHTED: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) {
    let d = y[index] - goal[index];
    // Lanes that hold no channel must not count: the Charbonnier loss of zero is ε.
    let lane = vec4i((index % params.c4) * 4) + vec4i(0, 1, 2, 3);
    let counts = lane < vec4i(params.channels);
    var value: vec4f;
    var gradient: vec4f;
    if (KIND == 0u) {
      value = d * d;
      gradient = 2.0 * d;
    } else if (KIND == 1u) {
      value = abs(d);
      gradient = sign(d);
    } else {
      value = sqrt(d * d + vec4f(1e-6));
      gradient = d / value;
    }
    if (WEIGHTED == 1u) {
      let image = index / params.image_vec4s;
      let weight = weights[image / 4][image % 4];
      value *= weight;
      gradient *= weight;
    }
    sum += select(vec4f(), value, counts);
    dy[index] = select(vec4f(), gradient * params.scale, counts);
  }
  partials[slice] = vec4f(((sum.x + sum.y) + (sum.z + sum.w)) * params.scale, 0.0, 0.0, 0.0);
}
`,max_pool:`// Max-pooling 2×2, stride 2: y[n,y,x,c] = max of x[n, 2y..2y+1, 2x..2x+1, c]; a window past the edge takes what is inside.
// x: [N,H,W,4·c4] f32, y: [N,⌈H/2⌉,⌈W/2⌉,4·c4] f32, argmax: one u32 a vec4, 8 bits a channel: the winner's place in the window (2·dy + dx);
// of equals the first wins. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> argmax: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * out_height * out_width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = (pixel % out_width) * 2;
  let row = ((pixel / out_width) % out_height) * 2;
  let n = pixel / (out_width * out_height);
  let at = ((n * params.height + row) * params.width + column) * params.c4 + c;
  var best = x[at];
  var place = vec4u();
  let right = column + 1 < params.width;
  let below = row + 1 < params.height;
  if (right) {
    let v = x[at + params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(1u), wins);
  }
  if (below) {
    let v = x[at + params.width * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(2u), wins);
  }
  if (right && below) {
    let v = x[at + (params.width + 1) * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(3u), wins);
  }
  y[index] = best;
  argmax[index] = place.x | (place.y << 8u) | (place.z << 16u) | (place.w << 24u);
}
`,max_pool_grad:`// Gradient of max-pooling 2×2: dx[n,y,x,c] = activation_slope(x) * (dy[n, y/2, x/2, c] where this pixel was its window's winner, else 0).
// dy: [N,⌈H/2⌉,⌈W/2⌉,4·c4] f32, argmax as max_pool wrote it, activated: the pooled tensor x, dx: [N,H,W,4·c4] f32;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> argmax: array<u32>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let window = ((n * out_height + row / 2) * out_width + column / 2) * params.c4 + c;
  let place = u32((row % 2) * 2 + column % 2);
  let winners = (vec4u(argmax[window]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u);
  var gradient = select(vec4f(), dy[window], winners == vec4u(place)) * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,squared_norm:`// Partial sums of squares of all gradients, for the global norm: partials[s] = sum over slice s of g².
// g: [count] vec4 f32, partials: one vec4 a slice (value in x), summed by sum_slices. An invocation owns one slice.
struct Params { count: i32, slice_vec4s: i32, slices: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> g: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) { sum = fma(g[index], g[index], sum); }
  partials[slice] = vec4f((sum.x + sum.y) + (sum.z + sum.w), 0.0, 0.0, 0.0);
}
`,sum_slices:`// total[i] = sum over s of partials[s][i], in the order of s: the second half of every reduction, and why it is repeatable.
// partials: [slices][count] vec4 f32, total: [count] vec4 f32; added to what total holds when params.accumulate is set.
struct Params { count: i32, slices: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> total: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var sum = vec4f();
  if (params.accumulate != 0) { sum = total[index]; }
  for (var slice = 0; slice < params.slices; slice++) { sum += partials[slice * params.count + index]; }
  total[index] = sum;
}
`,upsample:`// Upsampling 2×: y[n,y,x,c] from x[n, y/2, x/2, c] (nearest), or interpolated between the four nearest pixel centres,
// those past the edge taken as the edge (bilinear). x: [N,H,W,4·c4] f32, y: [N,2H,2W,4·c4] f32. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

override BILINEAR: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * 4 * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % (params.width * 2);
  let row = (pixel / (params.width * 2)) % (params.height * 2);
  let n = pixel / (params.width * params.height * 4);
  let near_row = n * params.height + row / 2;
  let near_column = column / 2;
  let near = x[(near_row * params.width + near_column) * params.c4 + c];
  if (BILINEAR == 0u) {
    y[index] = near;
  } else {
    // An output centre lies a quarter pixel from its nearest source centre: towards the one before it when even, after it when odd.
    let far_row = n * params.height + clamp(row / 2 + (row % 2) * 2 - 1, 0, params.height - 1);
    let far_column = clamp(column / 2 + (column % 2) * 2 - 1, 0, params.width - 1);
    let beside = x[(near_row * params.width + far_column) * params.c4 + c];
    let over = x[(far_row * params.width + near_column) * params.c4 + c];
    let across = x[(far_row * params.width + far_column) * params.c4 + c];
    y[index] = 0.5625 * near + 0.1875 * (beside + over) + 0.0625 * across;
  }
}
`,upsample_grad:`// Gradient of upsampling 2×: dx[n,y,x,c] = activation_slope(x) * sum of dy times the share that this pixel had in it.
// Nearest: the four pixels of dy that copied it. Bilinear: rows 2y-1 .. 2y+2 and columns likewise with 1/4, 3/4, 3/4, 1/4,
// where the edge pixel also has the share of the pixel that is missing beyond it.
// dy: [N,2H,2W,4·c4] f32, activated: the upsampled tensor x, dx: [N,H,W,4·c4] f32; added to what dx holds when params.accumulate is set.
// An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

override BILINEAR: u32 = 0u;

// Share of source pixel \`at\` in upsampled pixel \`fine\`, along one axis.
fn share(fine: i32, at: i32, extent: i32) -> f32 {
  let near = fine / 2;
  let far = clamp(near + (fine % 2) * 2 - 1, 0, extent - 1);
  return select(0.0, 0.75, near == at) + select(0.0, 0.25, far == at);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let fine_width = params.width * 2;
  let fine_row = n * params.height * 2;
  var gradient = vec4f();
  if (BILINEAR == 0u) {
    let at = ((fine_row + row * 2) * fine_width + column * 2) * params.c4 + c;
    gradient = (dy[at] + dy[at + params.c4]) + (dy[at + fine_width * params.c4] + dy[at + (fine_width + 1) * params.c4]);
  } else {
    for (var y = max(row * 2 - 1, 0); y < min(row * 2 + 3, params.height * 2); y++) {
      let vertical = share(y, row, params.height);
      for (var x = max(column * 2 - 1, 0); x < min(column * 2 + 3, fine_width); x++) {
        gradient += (vertical * share(x, column, params.width)) * dy[((fine_row + y) * fine_width + x) * params.c4 + c];
      }
    }
  }
  gradient *= activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`};function Bt(t,e){let r=t.prelude??[];for(let o of r)if(e[o]===void 0)throw new b(`Cannot compile ${t.name}: the constant ${o} is not given`);let a=[...r.map(o=>`const ${o} = ${e[o]};
`),...(t.includes??[]).map(o=>ue[o]),ue[t.name]].join(""),n=Object.fromEntries(Object.entries(e).filter(([o])=>!r.includes(o)));return{code:a,overrides:n}}async function Le(t,e,r){let{code:a,overrides:n}=Bt(e,r),o={read:"read-only-storage",read_write:"storage",uniform:"uniform"};t.pushErrorScope("validation");let i=t.createShaderModule({label:e.name,code:a}),s=t.createBindGroupLayout({label:e.name,entries:["uniform",...Object.values(e.bindings)].map((l,u)=>({binding:u,visibility:GPUShaderStage.COMPUTE,buffer:{type:o[l]}}))}),c=t.createComputePipeline({label:e.name,layout:t.createPipelineLayout({bindGroupLayouts:[s]}),compute:{module:i,entryPoint:"main",constants:n}}),d=await t.popErrorScope();if(d)throw new b(`Cannot compile ${e.name} ${JSON.stringify(r)}: ${d.message}`);return{kernel:e,pipeline:c,layout:s}}var Ft=/llvmpipe|lavapipe|swiftshader|softpipe|basic render|warp/i;function It(){let t=globalThis.Deno;if(t)try{t.build.os==="linux"&&!t.env.get("DENO_WEBGPU_BACKEND")&&t.env.set("DENO_WEBGPU_BACKEND","vulkan"),t.build.os==="linux"&&!t.env.get("XDG_RUNTIME_DIR")&&t.env.set("XDG_RUNTIME_DIR","/tmp")}catch{}}async function zt(){It();let t=await navigator.gpu?.requestAdapter({powerPreference:"high-performance"})??void 0;if(!t)return;let{description:e,device:r,vendor:a,architecture:n}=t.info,o=e||r||`${a} ${n}`.trim()||"unnamed adapter";return{adapter:t,summary:{name:o,vendor:a,architecture:n,software:Ft.test(`${o} ${a} ${n}`),features:[...t.features].sort()}}}async function je(){let t=await zt();if(!t)throw new x("No WebGPU adapter found: install a Vulkan driver (on Debian or Ubuntu: apt-get install mesa-vulkan-drivers)");let{adapter:e,summary:r}=t,a=["timestamp-query","shader-f16"],{limits:n}=e,o=await e.requestDevice({requiredFeatures:a.filter(i=>e.features.has(i)),requiredLimits:{maxStorageBufferBindingSize:n.maxStorageBufferBindingSize,maxBufferSize:n.maxBufferSize,maxUniformBufferBindingSize:n.maxUniformBufferBindingSize,maxComputeWorkgroupStorageSize:n.maxComputeWorkgroupStorageSize}});return new pe(o,r)}var pe=class{device;adapter;#e=new Set;#r=0;#t=0;#n=new Map;#a;#o=!1;constructor(e,r){this.device=e,this.adapter=r,e.lost.then(a=>{this.#o||(this.#a??=new L(`The GPU device was lost: ${a.message||a.reason}`))}),e.addEventListener("uncapturederror",a=>{let{error:n}=a;a.preventDefault(),this.#a??=n instanceof GPUOutOfMemoryError?new R(`The GPU is out of memory: ${n.message}`):new b(`The GPU refused a command: ${n.message}`)})}check(){if(this.#o)throw new b("Cannot use a Gpu that was disposed");if(this.#a)throw this.#a}buffer(e,r,a){this.check();let n=Math.max(16,Math.ceil(r/4)*4);if(n>this.device.limits.maxBufferSize||n>this.device.limits.maxStorageBufferBindingSize)throw new R(`Cannot make the buffer ${e}: ${n} bytes are more than the adapter binds at once`);let o=this.device.createBuffer({label:e,size:n,usage:a});return this.#e.add(o),this.#r+=n,this.#t=Math.max(this.#t,this.#r),o}release(e){this.#e.delete(e)&&(this.#r-=e.size,e.destroy())}write(e,r,a){if(r%4!==0||r<0||r+a.byteLength>e.size)throw new b(`Cannot write ${a.byteLength} bytes at ${r} of ${e.label||"a buffer"}: it has ${e.size}`);this.device.queue.writeBuffer(e,r,a)}kernel(e,r={}){let a=`${e.name} ${JSON.stringify(Object.entries(r).sort())}`,n=this.#n.get(a);return n||Le(this.device,e,r).then(o=>(this.#n.set(a,o),o))}stats(){return{liveBytes:this.#r,peakBytes:this.#t,liveBuffers:this.#e.size}}[Symbol.dispose](){if(!this.#o){this.#o=!0;for(let e of this.#e)e.destroy();this.#e.clear(),this.#r=0,this.#n.clear(),this.device.destroy()}}};function Kt(t,e,r,a){let n=new Float32Array(t.length);return qe(e,r,a,(o,i)=>{for(let s=0;s<3;s++)n[i+s]=t[o+s]}),n}async function He(t,e,r,a){let n=new Float32Array(e.length);for(let o=0;o<8;o++){let[i,s]=o<4?[r,a]:[a,r],c=await t.run(Kt(e,r,a,o),i,s);qe(r,a,o,(d,l)=>{for(let u=0;u<3;u++)n[d+u]+=c[l+u]/8})}return n}function qe(t,e,r,a){for(let n=0;n<t;n++){let o=r&2?t-1-n:n;for(let i=0;i<e;i++){let s=r&1?e-1-i:i;a(3*(n*e+i),3*(r&4?s*t+o:o*e+s))}}}function me(t){return t instanceof Uint16Array?65535:255}var Dt=16;function Je(t,e,r,a=512,n=Dt){let o=D(r),i=F(de(r),o),s=Ve(t,o,i,a,F(n,o)),c=Ve(e,o,i,a,F(n,o)),d=c.windows.flatMap(l=>s.windows.map(u=>({x:u.start,y:l.start,keep:{x0:u.from,x1:u.to,y0:l.from,y1:l.to}})));return{width:t,height:e,tileWidth:s.extent,tileHeight:c.extent,tiles:d}}function Ye(t){let e=D(t);return 2*F(de(t),e)+e}function Ve(t,e,r,a,n){let o=F(t+2*n,e),i=Math.max(Math.floor(a/e)*e,2*r+e);if(o<=i)return{extent:o,windows:[{start:-n,from:0,to:t}]};let s=Math.ceil((o-2*r)/(i-2*r)),c=F((o-2*r)/s,e),d=c+2*r,l=[];for(let u=0,p=0;p<o;u+=c){let m=Math.min(u,o-d),y=m+d>=o?o:m+d-r,[w,f]=[Math.max(p-n,0),Math.min(y-n,t)];w<f&&l.push({start:m-n,from:w,to:f}),p=y}return{extent:d,windows:l}}function F(t,e){return Math.ceil(t/e)*e}function fe(t,e){if(e===1)return 0;let r=2*(e-1),a=(t%r+r)%r;return a<e?a:r-a}function he(t,e,r){let{width:a,height:n,tileWidth:o,tileHeight:i}=e,s=me(t),c=Int32Array.from({length:o},(l,u)=>3*fe(r.x+u,a)),d=new Float32Array(i*o*3);for(let l=0,u=0;l<i;l++){let p=3*a*fe(r.y+l,n);for(let m=0;m<o;m++){let y=p+c[m];d[u++]=t[y]/s,d[u++]=t[y+1]/s,d[u++]=t[y+2]/s}}return d}function Xe(t,e,r,a,n,o){let{rgb:i,alpha:s,grey:c,width:d}=e,l=me(r),{x0:u,x1:p,y0:m,y1:y}=n.keep;for(let w=m;w<y;w++){let f=3*((w-n.y)*a.tileWidth+u-n.x),g=3*(w*d+u);for(let h=u;h<p;h++,f+=3,g+=3){let v=t[f],_=t[f+1],T=t[f+2];if(!Number.isFinite(v+_+T))throw new RangeError(`the network's output at column ${h}, row ${w} is not a finite number`);if(s&&s[g/3]===0)for(let $=0;$<3;$++)r[g+$]=i[g+$];else if(c){let $=X(i[g],(I(v)+I(_)+I(T))/3,l,o);for(let C=0;C<3;C++)r[g+C]=$}else r[g]=X(i[g],I(v),l,o),r[g+1]=X(i[g+1],I(_),l,o),r[g+2]=X(i[g+2],I(T),l,o)}}}function I(t){return t<0?0:t>1?1:t}function X(t,e,r,a){return Math.round(t+a*(e*r-t))}function Qe(t,e,r,a){if(!e.includes(0)||e.every(s=>s===0))return t;let n=t.slice(),o=new Uint16Array(r*a);for(let s=0;s<e.length;s++)e[s]===0&&(o[s]=65535);let i=(s,c,d)=>{if(o[c]===65535)return;let l=Math.min(o[c]+d,65534);l>=o[s]||(o[s]=l,n[3*s]=n[3*c],n[3*s+1]=n[3*c+1],n[3*s+2]=n[3*c+2])};for(let s of[1,-1]){let[c,d]=s===1?[0,0]:[a-1,r-1];for(let l=c;l>=0&&l<a;l+=s){let u=l-s>=0&&l-s<a;for(let p=d;p>=0&&p<r;p+=s){let m=l*r+p;if(o[m]===0)continue;let y=p-s>=0&&p-s<r,w=p+s>=0&&p+s<r,f=m-s*r;y&&i(m,m-s,3),u&&(i(m,f,3),y&&i(m,f-s,4),w&&i(m,f+s,4))}}}return n}async function Ze(t,e,r={}){let{strength:a=1,tile:n=e.preferredTile,signal:o}=r;if(!(a>=0&&a<=1))throw new x(`Cannot enhance: strength must be from 0 to 1, got ${a}`,{exitCode:2});if(!(n>=1))throw new x(`Cannot enhance: tile must be at least 1 pixel, got ${n}`,{exitCode:2});if(e.topology.channels!==3)throw new x(`Cannot enhance: the model has ${e.topology.channels} channels, photos need 3`);if(o?.throwIfAborted(),a===0)return t;let i=t.alpha?Qe(t.rgb,t.alpha,t.width,t.height):t.rgb,s=t.rgb instanceof Uint16Array?new Uint16Array(t.rgb.length):new Uint8Array(t.rgb.length);for(let c=n;;c/=2){let d=Je(t.width,t.height,e.topology,c);try{return await Wt(t,i,s,d,e,r),{...t,rgb:s}}catch(l){if(!(l instanceof B))throw l;if(c<=Ye(e.topology))throw new x(`Cannot enhance: not enough memory on ${e.device} for a tile of ${d.tileWidth}×${d.tileHeight}, the smallest for this model; close other programs or try --device cpu`,{cause:l})}}}async function Wt(t,e,r,a,n,o){let{strength:i=1,selfEnsemble:s=!1,onProgress:c,onTile:d,signal:l}=o,{tiles:u,tileHeight:p,tileWidth:m}=a,y=(g,h)=>{try{Xe(h,t,r,a,u[g],i)}catch(v){throw new x(`Cannot enhance on ${n.device}: ${v.message}; try --device cpu or another model`,{cause:v})}d?.(u[g].keep,r),c?.(g+1,u.length)},w=he(e,a,u[0]),f;for(let g=0;g<u.length;g++){l?.throwIfAborted();let h=s?He(n,w,p,m):n.run(w,p,m);try{f&&y(g-1,f),g+1<u.length&&(w=he(e,a,u[g+1]))}catch(v){throw await h.catch(()=>{}),v}f=await h}y(u.length-1,f)}var Lt=Uint32Array.from({length:256},(t,e)=>{let r=e;for(let a=0;a<8;a++)r=r&1?r>>>1^3988292384:r>>>1;return r});function Q(t,e=0){let r=~e;for(let a=0;a<t.length;a++)r=Lt[(r^t[a])&255]^r>>>8;return~r>>>0}var et={F32:4,F16:2};var jt=1e8,Z="crc32",rt="00000000";function at(t,e){let r=w=>{throw new x(`Cannot read ${W(e)} as safetensors: ${w}`)};t.length<8&&r(`it has ${t.length} bytes, too few for a header`);let a=new DataView(t.buffer,t.byteOffset,t.byteLength),n=a.getUint32(0,!0)+a.getUint32(4,!0)*2**32;n>jt&&r(`its header claims ${n} bytes; it is no safetensors file or is damaged`),n>t.length-8&&r(`its header claims ${n} bytes, but only ${t.length-8} follow; the file is truncated or damaged`);let o=Ht(t.subarray(8,8+n),r),{__metadata__:i={},...s}=o;(!ge(i)||Object.values(i).some(w=>typeof w!="string"))&&r("its metadata is not a list of strings; the file is damaged");let c=t.subarray(8+n),d=[],l=new Map,u=Object.entries(s).map(([w,f])=>{let g=qt(w,f,c.length,r);return d.push(g),{tensor:w,...g}});d.sort((w,f)=>w.begin-f.begin||w.end-f.end);let p=0;for(let{begin:w,end:f}of d)w!==p&&r(`its tensors overlap or leave a gap at byte ${Math.min(w,p)}; the file is damaged`),p=f;p!==c.length&&r(`its tensors fill ${p} bytes, but ${c.length} follow the header; the file is damaged`),Vt(t,n,i,r);for(let{tensor:w,dtype:f,shape:g,begin:h,end:v}of u){let _=c.slice(h,v).buffer,T=f==="F32"?new Float32Array(_):Float32Array.from(new Float16Array(_));l.set(w,{dtype:f,shape:g,data:T})}let{[Z]:m,...y}=i;return{tensors:l,metadata:y}}function Ht(t,e){let r;try{if(t[0]!==123)throw new SyntaxError;r=JSON.parse(new TextDecoder("utf-8",{fatal:!0}).decode(t))}catch{e("its header is no JSON; it is no safetensors file or is damaged")}return ge(r)?r:e("its header is no JSON object; the file is damaged")}function qt(t,e,r,a){let n=l=>a(`tensor ${W(t)} has ${l}; the file is damaged`);if(!ge(e))return n("no description");let{dtype:o,shape:i,data_offsets:s}=e;if(o!=="F32"&&o!=="F16")return a(`tensor ${W(t)} is of type ${W(String(o))}; only F32 and F16 can be read`);if(!Array.isArray(i)||!i.every(tt))return n("no valid shape");if(!Array.isArray(s)||s.length!==2||!s.every(tt))return n("no valid offsets");let[c,d]=s;return d<c?n(`offsets ${c} to ${d}`):d>r?a(`tensor ${W(t)} ends at byte ${d} of the data, but the file holds ${r}; it is truncated or damaged`):d-c!==U(i)*et[o]?n(`${d-c} bytes, but shape ${k(i)} of ${o} takes ${U(i)*et[o]}`):{dtype:o,shape:i,begin:c,end:d}}function Vt(t,e,r,a){if(!Object.hasOwn(r,Z))return;let n=Jt(t,e);if(n!==void 0){let o=new TextEncoder().encode(rt),i=t.subarray(n+o.length),s=Q(i,Q(o,Q(t.subarray(0,n))));if(Yt(s)===r[Z])return}a("its checksum does not match; the file is damaged (or was rewritten: then drop crc32 from its metadata)")}function Jt(t,e){let r=new TextEncoder().encode(`"${Z}":"`),a=8+e-r.length-rt.length;for(let n=8;n<=a;n++)if(r.every((o,i)=>t[n+i]===o))return n+r.length}function W(t){return JSON.stringify(t.length>80?`${t.slice(0,77)}...`:t).replaceAll(/[\u007f-\u009f\u2028\u2029]/g,"?")}var Yt=t=>t.toString(16).padStart(8,"0"),tt=t=>Number.isSafeInteger(t)&&t>=0,ge=t=>typeof t=="object"&&t!==null&&!Array.isArray(t);var nt="clairnet-1",Xt=["name","recipe","loss","data","created","version","license","note"],Qt=["seed","steps"];function we(t,e){return Zt(at(t,e),e)}function Zt(t,e){let r=`Cannot use ${JSON.stringify(e)} as a model`,{metadata:a,tensors:n}=t;if(a.format!==nt||a.topology===void 0){let s=a.format===void 0?"no format":`the format ${JSON.stringify(a.format)}`;throw new x(`${r}: its metadata has ${s}, where Clairnet's models have "${nt}"`)}let o=tr(a.topology,r),i=new Map;for(let{name:s,shape:c}of M(o).parameters){let d=n.get(s);if(!d)throw new x(`${r}: tensor "${s}" (${k(c)}) is missing`);if(k(d.shape)!==k(c))throw new x(`${r}: tensor "${s}" has shape ${k(d.shape)}, but its topology wants ${k(c)}`);er(d.data,`${r}: tensor "${s}"`),i.set(s,d.data)}for(let s of n.keys())if(!i.has(s)&&!s.includes("/"))throw new x(`${r}: tensor ${JSON.stringify(s)} is not part of its topology`);return{topology:o,parameters:i,info:rr(a,r)}}function er(t,e){let r=t.findIndex(a=>!Number.isFinite(a));if(r>=0)throw new x(`${e} holds ${t[r]} at ${r}: the training diverged or the file is damaged`)}function tr(t,e){try{let{channels:r,widths:a,encoderBlocks:n,decoderBlocks:o,activation:i,down:s,up:c,residual:d,residualBlocks:l}=JSON.parse(t);for(let[u,p]of Object.entries({widths:a,encoderBlocks:n,decoderBlocks:o}))if(!Array.isArray(p))throw new RangeError(`${u} is no list`);if(typeof r!="number")throw new RangeError("channels is no number");for(let[u,p]of Object.entries({residual:d,residualBlocks:l}))if(typeof p!="boolean")throw new RangeError(`${u} is neither true nor false`);for(let[u,p]of Object.entries({activation:i,down:s,up:c}))if(typeof p!="string")throw new RangeError(`${u} is no word`);return Ke({channels:r,widths:a,encoderBlocks:n,decoderBlocks:o,activation:i,down:s,up:c,residual:d,residualBlocks:l})}catch(r){let a=r instanceof RangeError?r.message.replaceAll(/\s+/g," "):"it is no JSON object";throw new x(`${e}: the topology in its metadata is damaged (${a})`,{cause:r})}}function rr(t,e){let r={};for(let a of Xt)r[a]=t[a]??"";for(let a of Qt){let n=Number(t[a]??0);if(!Number.isSafeInteger(n)||n<0)throw new x(`${e}: ${a} in its metadata is no whole number`);r[a]=n}try{let a=Object.entries(JSON.parse(t.metrics??"{}")).map(([n,o])=>[n,Number(o)]);r.metrics=Object.fromEntries(a)}catch(a){throw new x(`${e}: the metrics in its metadata are damaged`,{cause:a})}return r}async function ot({name:t,url:e,bytes:r}){if(r)return we(r,t);let a=await fetch(e).catch(n=>{throw new x(`Cannot fetch the model ${t}: ${n.message}`,{cause:n})});if(!a.ok)throw new x(`Cannot fetch the model ${t}: the server answered ${a.status}`);return we(new Uint8Array(await a.arrayBuffer()),t)}function st(t,e,r){let a=new Uint8Array(e*r*3),n=new Uint8Array(e*r),o=!0,i=!0;for(let s=0,c=0,d=0;s<n.length;s++,c+=4,d+=3){let[l,u,p,m]=[t[c],t[c+1],t[c+2],t[c+3]];a[d]=l,a[d+1]=u,a[d+2]=p,n[s]=m,o&&=m===255,i&&=l===u&&u===p}return{width:e,height:r,rgb:a,grey:i,format:"canvas",...o?{}:{alpha:n}}}function it(t,{width:e,alpha:r},{x0:a,x1:n,y0:o,y1:i},s){let c=new Uint8ClampedArray((n-a)*(i-o)*4);for(let d=o,l=0;d<i;d++)for(let u=a;u<n;u++,l+=4){let p=3*(d*e*s+u);c[l]=t[p],c[l+1]=t[p+1],c[l+2]=t[p+2],c[l+3]=r?r[Math.floor(d/s)*e+Math.floor(u/s)]:255}return c}function ct(){return self}function lt(t){return(t instanceof Error?t.message:String(t)).replaceAll(/\s+/g," ").trim()||"something failed that says nothing of itself"}var ee=class extends Error{};function dt(t){let e=ct(),r=new Map,a,n=Promise.resolve(),o=async s=>(a?.key!==s.key&&(a?.network[Symbol.dispose](),a=void 0,a={key:s.key,network:await t(await ot(s))}),a.network),i=async(s,c)=>{let{id:d,width:l,height:u,rgba:p}=s;try{c.throwIfAborted();let m=await o(s.model),{scale:y=1}=m.topology;e.postMessage({kind:"started",id:d,device:m.device,scale:y});let w=performance.now(),f=st(p,l,u),g;await Ze(f,m,{signal:c,onTile:({x0:h,x1:v,y0:_,y1:T},$)=>{let C={x0:h*y,x1:v*y,y0:_*y,y1:T*y};g={area:C,rgba:it($,f,C,y)}},onProgress:(h,v)=>{g&&e.postMessage({kind:"tile",id:d,...g,done:h,total:v},[g.rgba.buffer])}}),e.postMessage({kind:"done",id:d,seconds:(performance.now()-w)/1e3})}catch(m){m instanceof ee?e.postMessage({kind:"cancelled",id:d}):(a?.network[Symbol.dispose](),a=void 0,e.postMessage({kind:"failed",id:d,message:lt(m)}))}finally{r.delete(d)}};e.onmessage=({data:s})=>{if(s.kind==="cancel")r.get(s.id)?.abort(new ee);else{let c=new AbortController;r.set(s.id,c),n=n.then(()=>i(s,c.signal))}}}dt(async({topology:t,parameters:e})=>{let r=await je();return ar(r,new Y(r,t,e))});function ar(t,e){return{topology:e.topology,device:e.device,preferredTile:e.preferredTile,run:(r,a,n)=>e.run(r,a,n),[Symbol.dispose](){e[Symbol.dispose](),t[Symbol.dispose]()}}}
